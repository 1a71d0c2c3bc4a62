"""The yardstick: a bare FastAPI POST that parses the body of an order and says it back."""

import sys

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    apikey: str
    strategy: str
    symbol: str
    exchange: str
    action: str
    quantity: float
    pricetype: str = "MARKET"
    product: str = "MIS"
    price: float = 0
    trigger_price: float = 0
    disclosed_quantity: int = 0


@app.post("/api/v1/placeorder")
async def echo(order: Order) -> Order:
    return order


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {"status": "pass"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
