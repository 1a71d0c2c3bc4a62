import type { ReactNode } from "react";
import { Logo } from "@/components/logo";

/** The frame of pages for people who are not logged in. */
export function FrontDoor({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-3xl grid-cols-1 content-start gap-5 px-4 py-8 sm:py-16">
      <Logo />
      <div className="grid grid-cols-1 gap-4 rounded-lg border border-line bg-surface p-5 sm:p-6">
        <h1 className="text-lg font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}
