"""Just enough of HTTP/2, or of HTTP/1.1 where that was agreed on."""

import h2.config
import h2.connection
import h2.events

from tests.brokers.kit.wire import Behaviour, Connection


def both_versions(told: list[str]) -> Behaviour:
    """Answers `{}` to everything; `told` gets version and path of each request.

    A request for `/silent` is never answered.
    """

    async def behave(connection: Connection) -> None:
        tls = connection.writer.get_extra_info("ssl_object")
        if tls.selected_alpn_protocol() == "h2":
            await _http2(connection, told)
        while request := await connection.request():
            told.append(f"HTTP/1.1 {request.split()[1].decode()}")
            await connection.answer()

    return behave


async def _http2(connection: Connection, told: list[str]) -> None:
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    state.initiate_connection()
    await connection.send(state.data_to_send())
    paths: dict[int, str] = {}
    while data := await connection.reader.read(65536):
        for event in state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                assert event.stream_id is not None
                assert event.headers is not None
                headers = {bytes(name): bytes(value) for name, value in event.headers}
                paths[event.stream_id] = headers[b":path"].decode()
                told.append(f"HTTP/2 {paths[event.stream_id]}")
                connection.wire.arrived.set()
            if isinstance(event, h2.events.StreamEnded):
                assert event.stream_id is not None
                if paths[event.stream_id] == "/silent":
                    continue
                state.send_headers(event.stream_id, [(":status", "200")])
                state.send_data(event.stream_id, b"{}", end_stream=True)
        await connection.send(state.data_to_send())
