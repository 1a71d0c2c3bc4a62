/** Short tones for what a trader should hear without looking. */

import { queryClient } from "@/app/queries";
import { type Preference, preferencesQuery } from "@/lib/preferences";
import type { Notice } from "./activity";

type Tone = Notice["tone"];

export const SOUNDS: Preference<{ on: boolean }> = {
  name: "sounds",
  title: "Sounds",
  read: (value) => ({
    on: !(typeof value === "object" && value !== null && "on" in value && value.on === false),
  }),
};

const HEARD: ReadonlySet<Notice["subject"]> = new Set(["Orders", "Approvals", "Risk", "Broker"]);
/** Of a burst one is heard, and of that what matters most. */
const TOGETHER = 150;
const WEIGHT: Readonly<Record<Tone, number>> = { plain: 0, good: 1, bad: 2 };
/** In hertz, one note after the other: rising for done, falling for refused. */
const NOTES: Readonly<Record<Tone, readonly number[]>> = {
  good: [660, 880],
  bad: [440, 330, 262],
  plain: [587],
};
const NOTE_SECONDS = 0.11;
const VOLUME = 0.12;

let waiting: Tone | null = null;
let context: AudioContext | null = null;

/** What to play for `notice`; `null` for what is only to be read. */
export function toneOf(notice: Pick<Notice, "subject" | "tone">): Tone | null {
  return HEARD.has(notice.subject) ? notice.tone : null;
}

/** The one of two that is heard. */
export function louder(one: Tone | null, other: Tone): Tone {
  return one !== null && WEIGHT[one] > WEIGHT[other] ? one : other;
}

/** Plays `notice` if the user wants to hear it, in one of the windows they have open. */
export function sound(notice: Notice): void {
  const tone = toneOf(notice);
  const kept = queryClient.getQueryData(preferencesQuery.queryKey)?.[SOUNDS.name]?.value;
  if (tone === null || !SOUNDS.read(kept).on) return;
  if (waiting === null) setTimeout(playWaiting, TOGETHER);
  waiting = louder(waiting, tone);
}

/** Plays `tone` now. Browsers let a page be heard once it was clicked or typed into. */
export function play(tone: Tone): void {
  context ??= new AudioContext();
  void context.resume();
  let at = context.currentTime;
  for (const pitch of NOTES[tone]) {
    const [note, gain] = [new OscillatorNode(context, { frequency: pitch }), context.createGain()];
    gain.gain.setValueAtTime(VOLUME, at);
    gain.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS);
    note.connect(gain).connect(context.destination);
    note.start(at);
    note.stop(at + NOTE_SECONDS);
    at += NOTE_SECONDS;
  }
}

function playWaiting(): void {
  const tone = waiting ?? "plain";
  waiting = null;
  if (!("locks" in navigator)) {
    play(tone);
    return;
  }
  // Whoever has it plays; it is held until the others have heard of the same.
  void navigator.locks.request("openalgo-sound", { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    play(tone);
    await new Promise((done) => setTimeout(done, 2 * TOGETHER));
  });
}
