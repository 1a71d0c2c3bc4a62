import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronDown, Plug } from "lucide-react";
import { selectAccount } from "@/api";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "@/components/ui/menu";
import { accountsQuery, useAccount } from "../accounts/queries";

/** Which account this tab acts on, and how its broker's session is. */
export function AccountMenu() {
  const account = useAccount();
  const { data: accounts } = useQuery(accountsQuery);
  if (account === undefined) return null;
  return (
    <div className="flex min-w-0 items-center gap-1">
      <Menu>
        <MenuTrigger asChild>
          <Button className="min-w-16 shrink" aria-label={`Account ${account.name}. Change`}>
            <span className="truncate">{account.name}</span>
            <ChevronDown className="text-quiet" />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuLabel>Act on account</MenuLabel>
          <MenuRadioGroup
            value={String(account.id)}
            onValueChange={(id) => selectAccount(Number(id))}
          >
            {accounts?.map((each) => (
              <MenuRadioItem key={each.id} value={String(each.id)}>
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{each.name}</span>
                  <span className="block text-xs font-normal text-quiet">{each.broker_name}</span>
                </span>
                <Badge tone={each.analyze_mode ? "paper" : "live"}>
                  {each.analyze_mode ? "PAPER" : "LIVE"}
                </Badge>
              </MenuRadioItem>
            ))}
          </MenuRadioGroup>
          <MenuSeparator />
          <MenuItem asChild>
            <Link to="/accounts">
              <Plug /> Accounts and brokers
            </Link>
          </MenuItem>
        </MenuContent>
      </Menu>
    </div>
  );
}
