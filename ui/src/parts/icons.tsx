// Line icons in one hand: 24 units, round ends.

import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" class="icon">
      {children}
    </svg>
  );
}

export const Microphone = () => (
  <Icon>
    <rect x="9" y="3.5" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v2.5" />
  </Icon>
);
export const MicrophoneOff = () => (
  <Icon>
    <path d="M9 9.5v2a3 3 0 0 0 4.6 2.5M15 11V6.5a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10 5.5M18.5 11.5a6.5 6.5 0 0 1-.6 2.7M12 18v2.5M4 4l16 16" />
  </Icon>
);
export const Hush = () => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="2.5" />
  </Icon>
);
export const HangUp = () => (
  <Icon>
    <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />
  </Icon>
);
export const Past = () => (
  <Icon>
    <path d="M4 12a8 8 0 1 0 2.6-5.9L4 8.5M4 4v4.5h4.5M12 8v4.3l2.8 1.7" />
  </Icon>
);
export const Sliders = () => (
  <Icon>
    <path d="M4 8h7M17 8h3M4 16h3M13 16h7" />
    <circle cx="14" cy="8" r="2.5" />
    <circle cx="10" cy="16" r="2.5" />
  </Icon>
);
export const Back = () => (
  <Icon>
    <path d="M14.5 5.5L8 12l6.5 6.5" />
  </Icon>
);
export const Send = () => (
  <Icon>
    <path d="M12 19V5.5M6 11l6-6 6 6" />
  </Icon>
);
export const Play = () => (
  <Icon>
    <path d="M8.5 6.2v11.6a.6.6 0 0 0 .9.5l9-5.8a.6.6 0 0 0 0-1l-9-5.8a.6.6 0 0 0-.9.5z" />
  </Icon>
);
export const Pause = () => (
  <Icon>
    <path d="M9 6.5v11M15 6.5v11" />
  </Icon>
);
export const Check = () => (
  <Icon>
    <path d="M5.5 12.5l4.2 4.2 8.8-9.2" />
  </Icon>
);
export const Home = () => (
  <Icon>
    <path d="M4.5 11.5L12 5l7.5 6.5M6.5 10v8.5h11V10" />
  </Icon>
);
export const Away = () => (
  <Icon>
    <path d="M8 16.5L16.5 8M9.5 7.5h7.5V15" />
  </Icon>
);
