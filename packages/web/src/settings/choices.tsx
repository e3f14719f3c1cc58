import { LANGUAGES, prefer, preferences, THEMES } from "../state/preferences.ts";
import { words } from "../words/words.ts";

/** What this browser alone is told: in which language and colours the page is. */
export function Choices() {
  const say = words.value;
  return (
    <>
      <select
        aria-label={say.language}
        value={preferences.value.language}
        onChange={(event) => {
          const language = LANGUAGES.find((each) => each === event.currentTarget.value);
          if (language !== undefined) prefer({ language });
        }}
      >
        <option value="en" lang="en">
          English
        </option>
        <option value="ja" lang="ja">
          日本語
        </option>
      </select>
      <select
        aria-label={say.theme}
        value={preferences.value.theme}
        onChange={(event) => {
          const theme = THEMES.find((each) => each === event.currentTarget.value);
          if (theme !== undefined) prefer({ theme });
        }}
      >
        {THEMES.map((theme) => (
          <option key={theme} value={theme}>
            {say.themes[theme]}
          </option>
        ))}
      </select>
    </>
  );
}
