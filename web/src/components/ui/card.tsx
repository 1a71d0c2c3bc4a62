import { type ComponentProps, type ReactNode, useEffect } from "react";
import { cn } from "@/lib/cn";
import { namePage } from "@/lib/window-title";

/** A titled part of a page. */
export function Card({
  title,
  aside,
  children,
  className,
  bodyClassName,
  ...rest
}: Omit<ComponentProps<"section">, "title"> & {
  title?: ReactNode;
  aside?: ReactNode;
  bodyClassName?: string;
}) {
  return (
    <section
      className={cn("min-w-0 rounded-lg border border-line bg-surface", className)}
      {...rest}
    >
      {title && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-1.5">
          <h2 className="font-semibold">{title}</h2>
          {aside}
        </header>
      )}
      <div className={cn("p-3", bodyClassName)}>{children}</div>
    </section>
  );
}

export function PageHead({
  title,
  children,
  aside,
}: {
  title: string;
  children?: ReactNode;
  aside?: ReactNode;
}) {
  useEffect(() => namePage(title), [title]);
  return (
    <div className="mb-3 flex flex-wrap items-end justify-between gap-2">
      <div>
        <h1 className="text-lg font-semibold">{title}</h1>
        {children && <p className="max-w-prose text-quiet">{children}</p>}
      </div>
      {aside && <div className="flex flex-wrap gap-2">{aside}</div>}
    </div>
  );
}
