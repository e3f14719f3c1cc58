/** Lines of icons on a grid of 24. */
const PATHS = {
  add: "M12 5v14M5 12h14",
  alert:
    "M12 8v5M12 16.5v.01M10.3 3.9 2.4 18a2 2 0 0 0 1.700 3h15.800a2 2 0 0 0 1.700-3L13.700 3.900a2 2 0 0 0-3.400 0Z",
  back: "M15 6l-6 6 6 6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h10v11H9zM5 15V4h10",
  disk: "M4 13h16M5 5h14l2 8v6H3v-6zM7 16h.01",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  external: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  folder: "M3 6h6l2 2h10v11H3z",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM19 12l2-1.500-2-3.500-2.400 1a7 7 0 0 0-1.800-1L14.500 4h-5l-.400 3a7 7 0 0 0-1.700 1L5 7 3 10.500 5 12l-2 1.500L5 17l2.400-1a7 7 0 0 0 1.700 1l.400 3h5l.300-3a7 7 0 0 0 1.800-1l2.400 1 2-3.500z",
  globe:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c3 2.500 4 5.500 4 9s-1 6.500-4 9c-3-2.500-4-5.500-4-9s1-6.500 4-9Z",
  key: "M14 10a4 4 0 1 1-3.500-4A4 4 0 0 1 14 10ZM13 11l8 8M18 16l-2 2",
  list: "M8 6h13M8 12h13M8 18h13M3.500 6h.01M3.500 12h.01M3.500 18h.01",
  lock: "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
  log: "M5 4h14v16H5zM9 9h6M9 13h6M9 17h3",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  network: "M12 4v5M12 9 5 15M12 9l7 6M5 15v4M19 15v4M10 4h4v5h-4zM3 16h4v4H3zM17 16h4v4h-4z",
  pause: "M8 5v14M16 5v14",
  play: "M7 5l12 7-12 7z",
  plug: "M9 3v6M15 3v6M6 9h12v3a6 6 0 0 1-12 0zM12 18v3",
  refresh: "M20 11a8 8 0 0 0-14-4.500L3 9M3 4v5h5M4 13a8 8 0 0 0 14 4.500l3-2.500M21 20v-5h-5",
  rows: "M4 6h16M4 10h16M4 14h16M4 18h16",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l5 5",
  send: "M4 12l16-7-6 16-3-6.500z",
  speed: "M4 18a9 9 0 1 1 16 0M12 15l4-5",
  star: "M12 4l2.500 5.200 5.500.8-4 4 1 5.700-5-2.700-5 2.700 1-5.700-4-4 5.500-.8z",
  trade: "M7 8h13M16 4l4 4-4 4M17 16H4M8 12l-4 4 4 4",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  up: "M12 19V5M6 11l6-6 6 6",
  users:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 20a6.500 6.500 0 0 1 13 0M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14a6.500 6.500 0 0 1 3.500 6",
  wallet: "M4 7h15v12H4zM4 7l11-3v3M15 13h.01",
  chart: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside words, or in a button that has a name: never the name itself. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
