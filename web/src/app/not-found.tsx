import { Link } from "@tanstack/react-router";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/states";

export function NotFound() {
  return (
    <EmptyState
      title="There is no such page"
      action={
        <Button asChild kind="primary">
          <Link to="/dashboard">To the dashboard</Link>
        </Button>
      }
    >
      The address may be mistyped, or from a version that had it.
    </EmptyState>
  );
}
