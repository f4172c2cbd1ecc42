// The programs that the graphics processor runs. `section` in shape.ts is the same form, in the same words.

/** Where the points of a thread lie, and the ribbon around them: two corners for each point. */
export const threadVertex = `#version 300 es
precision highp float;
const float TAU = 6.283185307179586;
uniform float ring, most, tube, twist, petals, petalDepth, height, breath, tremble, turn, flow, seconds;
uniform float from, to, drift, closing, pieces, threads, dashed, strength, scale, half_;
out vec2 place;
out float across, along, width, alpha;

vec2 point(float at, float thread, float taper) {
  float angle = TAU * at;
  float swollen = tube * (1.0 + petalDepth * cos(petals * angle));
  float trembling = tremble == 0.0 ? 0.0 : tremble * (sin(7.0 * angle + 6.0 * seconds) + 0.8 * sin(12.0 * angle - 9.0 * seconds))
    * sin(2.0 * angle + seconds);
  float living = 0.02 * sin(2.0 * angle + 0.7 * seconds) + 0.014 * sin(3.0 * angle - 0.5 * seconds);
  float around = TAU * (thread + twist * at + flow);
  float radius = (ring * (1.0 + living) + most * tanh(swollen / most) * taper * cos(around)) * breath + trembling;
  float turned = angle + TAU * turn;
  return vec2(radius * cos(turned), radius * sin(turned) * height + drift);
}

float taper(float share) {
  return 1.0 - closing * (1.0 - pow(max(sin(0.5 * TAU * share), 0.0), 0.6));
}

void main() {
  float share = float(gl_VertexID / 2) / pieces;
  float side = float(gl_VertexID % 2) * 2.0 - 1.0;
  float thread = float(gl_InstanceID) / threads;
  float wave = 0.5 + 0.5 * cos(TAU * (thread * 3.0 + flow));
  float unit = scale / 180.0;
  width = (dashed > 0.5 ? 4.4 : 0.55 + 0.65 * wave) * unit;
  alpha = min(1.0, (dashed > 0.5 ? 0.8 : 0.14 + 0.36 * wave) * strength);

  float ahead = share < 0.5 ? 0.001 : -0.001;
  vec2 here = point(mix(from, to, share), thread, taper(share));
  vec2 there = point(mix(from, to, share + ahead), thread, taper(share + ahead));
  vec2 direction = (there - here) * sign(ahead);
  direction = length(direction) > 0.0 ? normalize(direction) : vec2(1.0, 0.0);
  across = side * (0.5 * width + 1.0);
  along = share * TAU * ring * scale * (to - from);
  vec2 pixel = here * scale + vec2(-direction.y, direction.x) * across;
  place = pixel / scale;
  gl_Position = vec4(pixel.x / half_, -pixel.y / half_, 0.0, 1.0);
}`;

const ink = `
uniform vec4 inkFrom, inkMiddle, inkTo;
vec4 inkAt(vec2 place) {
  float t = clamp((place.x + place.y + 1.4) / 2.8, 0.0, 1.0);
  return t < 0.5 ? mix(inkFrom, inkMiddle, 2.0 * t) : mix(inkMiddle, inkTo, 2.0 * t - 1.0);
}
// How much of a pixel a line covers whose middle is so far away.
float cover(float far, float width) {
  return clamp(min(0.5 * width + 0.5 - abs(far), width), 0.0, 1.0);
}`;

export const threadFragment = `#version 300 es
precision highp float;
uniform float dashed, scale;
in vec2 place;
in float across, along, width, alpha;
out vec4 color;
${ink}
void main() {
  float unit = scale / 180.0;
  float inDash = abs(mod(along, 15.0 * unit) - 1.0 * unit);
  float drawn = dashed > 0.5 ? clamp(0.5 * width + unit + 0.5 - inDash, 0.0, 1.0) : 1.0;
  color = inkAt(place) * (alpha * drawn * cover(across, width));
}`;

/** The whole canvas, for what is drawn behind the threads. */
export const backVertex = `#version 300 es
precision highp float;
uniform float half_;
out vec2 pixel;
void main() {
  vec2 corner = vec2(float(gl_VertexID % 2) * 2.0 - 1.0, float(gl_VertexID / 2) * 2.0 - 1.0);
  pixel = vec2(corner.x, -corner.y) * half_;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

export const glowFragment = `#version 300 es
precision highp float;
uniform vec4 glow, glowRim, glowEnd;
uniform float reach, alpha;
in vec2 pixel;
out vec4 color;
void main() {
  float t = clamp(length(pixel) / reach, 0.0, 1.0);
  color = alpha * (t < 0.55 ? mix(glow, glowRim, t / 0.55) : mix(glowRim, glowEnd, (t - 0.55) / 0.45));
}`;

/** Three circles as ribbons, which are filled as threads are. */
export const waveVertex = `#version 300 es
precision highp float;
const float TAU = 6.283185307179586;
uniform vec3 radius, strengths;
uniform float thickness, pieces, scale, half_;
out vec2 place;
out float across, along, width, alpha;
void main() {
  float angle = TAU * float(gl_VertexID / 2) / pieces;
  width = thickness;
  alpha = strengths[gl_InstanceID];
  along = 0.0;
  across = (float(gl_VertexID % 2) * 2.0 - 1.0) * (0.5 * width + 1.0);
  vec2 pixel = (radius[gl_InstanceID] + across) * vec2(cos(angle), sin(angle));
  place = pixel / scale;
  gl_Position = vec4(pixel.x / half_, -pixel.y / half_, 0.0, 1.0);
}`;
