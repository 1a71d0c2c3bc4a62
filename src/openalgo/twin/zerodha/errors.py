"""Errors as Kite Connect answers them."""


class KiteError(Exception):
    """`status` and the body's `error_type` and `message`."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message


def bad_input(message: str) -> KiteError:
    return KiteError(400, "InputException", message)


def bad_order(message: str) -> KiteError:
    return KiteError(400, "OrderException", message)


def bad_token() -> KiteError:
    return KiteError(403, "TokenException", "Incorrect `api_key` or `access_token`.")
