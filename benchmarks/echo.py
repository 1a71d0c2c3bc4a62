"""The yardstick: a bare FastAPI POST that parses the body of an order and says it back."""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from openalgo.api.schemas.orders import PlaceOrderRequest

app = FastAPI()


class Echo(BaseModel):
    strategy: str
    symbol: str
    exchange: str
    action: str
    quantity: float
    pricetype: str
    product: str


@app.post("/api/v1/placeorder")
async def echo(order: PlaceOrderRequest) -> Echo:
    return Echo(
        strategy=order.strategy,
        symbol=order.symbol,
        exchange=order.exchange,
        action=order.action,
        quantity=float(order.quantity),
        pricetype=order.pricetype,
        product=order.product,
    )


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {"status": "pass"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
