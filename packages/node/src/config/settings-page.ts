import { listSettings, type SettingDescription } from "@shoal/api";

const HEAD = `# Settings

The daemon reads \`settings.json\` in its configuration folder (\`$XDG_CONFIG_HOME/shoal\`, or \`config\` below
\`SHOAL_HOME\`). It is plain JSON with a section for each heading below; what it leaves out has its default, and what it
names wrongly is refused with its line. The web interface, the API and \`shoal config\` change the same file.

\`\`\`json
{
  "downloads": { "folder": "/srv/downloads" },
  "speed": { "uploadLimit": 2000000 }
}
\`\`\`

Changes hold at once, except for those marked *restart*. This page is made from the schema by
\`node packages/node/src/config/generate.ts\`.
`;

/** The reference page of all settings, in Markdown. */
export function renderSettingsPage(): string {
  const sections = Map.groupBy(listSettings(), ({ section }) => section);
  const parts = [...sections].map(
    ([section, settings]) =>
      `\n## ${section}\n\n| setting | takes | default | what it does |\n|---|---|---|---|\n` +
      settings.map(renderRow).join(""),
  );
  return HEAD + parts.join("");
}

function renderRow(setting: SettingDescription): string {
  const { name, type, unit, restart, description } = setting;
  const takes = unit === undefined ? type : `${type} (${unit})`;
  const mark = restart === true ? " *Restart.*" : "";
  const cells = [
    `\`${name}\``,
    takes,
    `\`${JSON.stringify(setting.default)}\``,
    `${description}.${mark}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}
