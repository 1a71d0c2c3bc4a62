"""The yardstick: a bare FastAPI POST that parses our order and says it back."""

import sys

import uvicorn
from fastapi import FastAPI

from openalgo.api.schemas.orders import PlaceOrderRequest

app = FastAPI()


@app.post("/api/v1/placeorder")
async def echo(order: PlaceOrderRequest) -> PlaceOrderRequest:
    return order


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {"status": "pass"}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
