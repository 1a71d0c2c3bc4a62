import { expect, it } from "vitest";
import { activity, noticeOf, remember, unread } from "./activity";

const at = { account: 1, ts: 1_763_701_200_000, seq: 7 };
const order = {
  mode: "analyze",
  symbol: "SBIN",
  action: "BUY",
  quantity: 1500,
  average_price: 967.8,
  rejection_reason: "Not enough margin",
};

it("tells how an order ended, and whether it was on paper", () => {
  const filled = noticeOf({
    event: "order_update",
    data: { ...order, order_status: "complete" },
    ...at,
  });
  expect(filled).toMatchObject({
    tone: "good",
    title: "Filled: BUY 1,500 SBIN",
    text: "At 967.80, on paper",
  });
  const refused = noticeOf({
    event: "order_update",
    data: { ...order, mode: "live", order_status: "rejected" },
    ...at,
  });
  expect(refused).toMatchObject({ tone: "bad", text: "Not enough margin (live)" });
});

it("passes over what is no news", () => {
  expect(
    noticeOf({ event: "order_update", data: { ...order, order_status: "open" }, ...at }),
  ).toBeNull();
  expect(noticeOf({ event: "account_marked", data: {}, ...at })).toBeNull();
  expect(
    noticeOf({ event: "master_contract_download", data: { status: "downloading" }, ...at }),
  ).toBeNull();
});

it("keeps the newest hundred", () => {
  for (let seq = 0; seq < 120; seq += 1) {
    const notice = noticeOf({
      event: "kill_switch",
      data: { thrown: true, by: "trader" },
      ...at,
      seq,
    });
    if (notice) remember(notice);
  }
  expect(activity.get()).toHaveLength(100);
  expect(activity.get()[0]?.key).toBe("119:kill_switch");
  expect(unread.get()).toBe(120);
});
