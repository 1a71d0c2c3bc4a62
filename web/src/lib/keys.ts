/** Whether a key pressed there is text, or belongs to a menu: no single-letter command then. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return target.type !== "radio";
  return target.closest("textarea, select, [role=menu], [role=listbox], [cmdk-root]") !== null;
}

/** A bare key: held down with nothing, and not repeated by the keyboard. */
export function isBare(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
}

/** Whether a dialog is open that everything else has to wait for. */
export function isBlocked(): boolean {
  return document.querySelector("[role=dialog][data-state=open]:not([data-beside])") !== null;
}
