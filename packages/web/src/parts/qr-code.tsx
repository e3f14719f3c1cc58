import createQrCode from "qrcode-generator";
import { useMemo } from "preact/hooks";

/** A text to be read by a camera: dark on white in every theme, as readers want it. */
export function QrCode({ text, name }: { readonly text: string; readonly name: string }) {
  const { path, size } = useMemo(() => drawQr(text), [text]);
  return (
    <svg class="qr" role="img" aria-label={name} viewBox={`0 0 ${size} ${size}`}>
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}

function drawQr(text: string): { readonly path: string; readonly size: number } {
  const code = createQrCode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
    }
  }
  return { path, size };
}
