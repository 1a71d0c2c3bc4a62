/** Ready-made first orders, to run as they stand. */

export function curlOrder(origin: string, key: string): string {
  return [
    `curl ${origin}/api/v1/placeorder -d '{`,
    `  "apikey": "${key}",`,
    '  "strategy": "first", "exchange": "NSE", "symbol": "SBIN",',
    '  "action": "BUY", "quantity": 10, "pricetype": "MARKET", "product": "MIS"}\'',
  ].join("\n");
}

export function sdkOrder(origin: string, key: string): string {
  return `# pip install openalgo
from openalgo import api

client = api(api_key="${key}", host="${origin}")
print(client.placeorder(
    strategy="first", symbol="SBIN", exchange="NSE", action="BUY",
    quantity=10, price_type="MARKET", product="MIS",
))
print(client.positionbook())`;
}
