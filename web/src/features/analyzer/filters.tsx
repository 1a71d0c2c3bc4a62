import type { CallRow } from "@/client";
import { Input, Select } from "@/components/ui/field";
import { type CallFilter, valuesIn } from "./calls";

/** Which of the calls of the days to show. */
export function Filters({
  calls,
  filter,
  onChange,
}: {
  calls: readonly CallRow[];
  filter: CallFilter;
  onChange: (filter: CallFilter) => void;
}) {
  return (
    <div className="flex flex-wrap gap-2 max-sm:w-full [&>*]:max-sm:flex-1 [&>select]:w-auto">
      <Input
        type="search"
        aria-label="Symbol, order id or error"
        placeholder="Symbol, order id or error"
        className="w-60 max-sm:basis-full"
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
      />
      <Select
        aria-label="Outcome"
        value={filter.outcome}
        onChange={(event) =>
          onChange({ ...filter, outcome: event.target.value as CallFilter["outcome"] })
        }
      >
        <option value="">All outcomes</option>
        <option value="accepted">Accepted</option>
        <option value="refused">Refused</option>
      </Select>
      <Select
        aria-label="Call"
        value={filter.call}
        onChange={(event) => onChange({ ...filter, call: event.target.value })}
      >
        <option value="">All calls</option>
        {valuesIn(calls, "api_type").map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
      <Select
        aria-label="Source"
        value={filter.source}
        onChange={(event) => onChange({ ...filter, source: event.target.value })}
      >
        <option value="">All sources</option>
        {valuesIn(calls, "source").map((each) => (
          <option key={each}>{each}</option>
        ))}
      </Select>
    </div>
  );
}
