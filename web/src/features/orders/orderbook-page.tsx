import { useNavigate, useSearch } from "@tanstack/react-router";
import { Card, PageHead } from "@/components/ui/card";
import { Tab, TabPanel, Tabs, TabsList } from "@/components/ui/tabs";
import { GttTab } from "../gtt/gtt-tab";
import { Unresolved } from "../unresolved/unresolved";
import { OrdersTab } from "./orders-tab";

export function OrderbookPage() {
  const { tab } = useSearch({ from: "/desk/orderbook" });
  const navigate = useNavigate();
  return (
    <>
      <PageHead title="Orderbook" />
      <Unresolved />
      <Card bodyClassName="p-0">
        <Tabs
          value={tab ?? "orders"}
          onValueChange={(value) =>
            navigate({ to: "/orderbook", search: value === "gtt" ? { tab: "gtt" } : {} })
          }
        >
          <TabsList aria-label="Books">
            <Tab value="orders">Orders</Tab>
            <Tab value="gtt">GTT</Tab>
          </TabsList>
          <TabPanel value="orders">
            <OrdersTab />
          </TabPanel>
          <TabPanel value="gtt">
            <GttTab />
          </TabPanel>
        </Tabs>
      </Card>
    </>
  );
}
