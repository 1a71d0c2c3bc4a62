import { Download } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";

/** Choices are the user's: they can take them along. */
export function KeptOfYou() {
  return (
    <Card title="Your choices">
      <p className="mb-3 text-quiet">
        Watch lists, the theme and how tables look are kept with your user, so they are the same in
        every browser.
      </p>
      <Button asChild>
        <a href="/ui/preferences" download="openalgo-preferences.json">
          <Download /> Download them
        </a>
      </Button>
    </Card>
  );
}
