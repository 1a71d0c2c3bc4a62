import { formatTime } from "@/lib/times";

const HEAD = 28;

/** Saves what is drawn as a picture, with a line that says what it is. */
export function savePicture(chart: HTMLCanvasElement, title: string, name: string): void {
  const scale = window.devicePixelRatio;
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [chart.width, chart.height + HEAD * scale];
  const brush = sheet.getContext("2d");
  if (brush === null) return;
  const style = getComputedStyle(document.documentElement);
  brush.fillStyle = style.getPropertyValue("--surface");
  brush.fillRect(0, 0, sheet.width, sheet.height);
  brush.fillStyle = style.getPropertyValue("--ink");
  brush.font = `${13 * scale}px ${style.fontFamily}`;
  brush.fillText(`${title} · ${formatTime(new Date())} IST`, 8 * scale, 18 * scale);
  brush.drawImage(chart, 0, HEAD * scale);
  sheet.toBlob((picture) => {
    if (picture === null) return;
    const address = URL.createObjectURL(picture);
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    URL.revokeObjectURL(address);
  });
}
