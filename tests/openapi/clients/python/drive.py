"""What a user of the generated client writes; the types are half of the test."""

import json
import sys

from openalgo_client import AuthenticatedClient
from openalgo_client.api.market_data import quotes
from openalgo_client.api.options import optionchain
from openalgo_client.api.orders import placeorder
from openalgo_client.api.portfolio import funds, orderbook
from openalgo_client.api.symbols import expiry
from openalgo_client.models import (
    Action,
    DerivativeExchange,
    ErrorReply,
    Exchange,
    ExpiryReply,
    ExpiryRequest,
    ExpiryRequestInstrumenttype,
    FundsReply,
    KeyOnly,
    OptionChainReply,
    OptionChainRequest,
    OrderBookReply,
    PlaceOrderReply,
    PlaceOrderRequest,
    QuotesReply,
    QuotesRequest,
)


def main(url: str, key: str) -> None:
    client = AuthenticatedClient(
        base_url=url,
        token=key,
        auth_header_name="X-API-KEY",
        prefix="",
        raise_on_unexpected_status=True,
    )
    order = PlaceOrderRequest(
        strategy="python",
        symbol="SBIN",
        exchange=Exchange.NSE,
        action=Action.BUY,
        quantity=2,
    )
    placed = placeorder.sync(client=client, body=order)
    assert isinstance(placed, PlaceOrderReply)
    books = orderbook.sync(client=client, body=KeyOnly())
    assert isinstance(books, OrderBookReply)
    (row,) = [each for each in books.data.orders if each.orderid == placed.orderid]
    money = funds.sync(client=client, body=KeyOnly())
    assert isinstance(money, FundsReply)
    quote = quotes.sync(client=client, body=QuotesRequest(symbol="SBIN", exchange=Exchange.NSE))
    assert isinstance(quote, QuotesReply)
    listed = expiry.sync(
        client=client,
        body=ExpiryRequest(
            symbol="NIFTY",
            exchange=DerivativeExchange.NFO,
            instrumenttype=ExpiryRequestInstrumenttype.OPTIONS,
        ),
    )
    assert isinstance(listed, ExpiryReply)
    wanted = OptionChainRequest(
        underlying="NIFTY",
        exchange=Exchange.NSE_INDEX,
        expiry_date=listed.data[0].replace("-", ""),
        strike_count=1,
        with_greeks=True,
    )
    chain = optionchain.sync(client=client, body=wanted)
    assert isinstance(chain, OptionChainReply)
    call = chain.chain[1].ce
    assert call is not None
    wanted.underlying = "NOSUCH"
    missing = optionchain.sync(client=client, body=wanted)
    assert isinstance(missing, ErrorReply)
    order.quantity = -1
    refused = placeorder.sync_detailed(client=client, body=order)
    assert isinstance(refused.parsed, ErrorReply)
    errors = refused.parsed.errors
    print(  # noqa: T201 - how this program answers
        json.dumps(
            {
                "orderid": placed.orderid,
                "status": placed.status,
                "quantity": row.quantity,
                "order_status": row.order_status,
                "cash": money.data.availablecash,
                "ltp": quote.data.ltp,
                "chain": {"label": call.label, "delta": call.delta, "missing": missing.code},
                "refused": {
                    "status": refused.status_code,
                    "code": refused.parsed.code,
                    "errors": errors.to_dict() if errors else None,
                },
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
