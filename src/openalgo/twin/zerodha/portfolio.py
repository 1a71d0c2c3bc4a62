"""Positions, holdings, money and the profile."""

from openalgo.domain.orders import Action, Product
from openalgo.twin.account import NotThere
from openalgo.twin.funds import Segment
from openalgo.twin.zerodha import forms, rows
from openalgo.twin.zerodha.calls import Answer, Call, Route, success
from openalgo.twin.zerodha.errors import bad_input
from openalgo.twin.zerodha.twin import ZerodhaTwin


def profile(twin: ZerodhaTwin, _call: Call) -> Answer:
    return success(twin.profile() | {"meta": {"demat_consent": "physical"}})


def margins(twin: ZerodhaTwin, _call: Call) -> Answer:
    purses = twin.account.funds.purses
    return success({segment: rows.purse_row(purse) for segment, purse in purses.items()})


def margins_of(twin: ZerodhaTwin, call: Call) -> Answer:
    try:
        segment = Segment(call.parts["segment"])
    except ValueError:
        raise bad_input("Invalid segment.") from None
    return success(rows.purse_row(twin.account.funds.purses[segment]))


def positions(twin: ZerodhaTwin, _call: Call) -> Answer:
    net, day = [], []
    for position in twin.account.positions:
        net.append(rows.position_row(position, twin.market))
        if position.bought.quantity or position.sold.quantity:
            day.append(rows.position_row(position, twin.market, day_only=True))
    return success({"net": net, "day": day})


def holdings(twin: ZerodhaTwin, _call: Call) -> Answer:
    now = twin.market.clock.now()
    found = twin.account.holdings.values()
    return success([rows.holding_row(holding, twin.account, now) for holding in found])


def convert(twin: ZerodhaTwin, call: Call) -> Answer:
    form = call.form()
    contract = forms.known(twin.contracts, form.get("exchange", ""), form.get("tradingsymbol", ""))
    old = forms.word(Product, form, "old_product")
    new = forms.word(Product, form, "new_product")
    action = forms.word(Action, form, "transaction_type")
    quantity = forms.whole(form, "quantity")
    if old is new or not quantity:
        raise bad_input("There is nothing to convert.")
    try:
        twin.account.convert(contract, action, quantity, old, new)
    except NotThere as error:
        raise bad_input(str(error)) from None
    return success(data=True)


ROUTES = (
    Route("GET", "/user/profile", "profile", profile),
    Route("GET", "/user/margins", "margins", margins),
    Route("GET", "/user/margins/{segment}", "margins", margins_of),
    Route("GET", "/portfolio/positions", "positions", positions),
    Route("PUT", "/portfolio/positions", "positions.convert", convert),
    Route("GET", "/portfolio/holdings", "holdings", holdings),
)
