package org.wherefore.rest.internal;

import java.util.regex.Pattern;

/** What no id may hold, wherever it stands: what a reader can't see or is misled by, and steps through folders. */
final class Ids {
    private static final Pattern STEPS = Pattern.compile("(^|[/\\\\])\\.\\.?($|[/\\\\])");

    private Ids() {}

    /** In words; null when nothing is wrong. */
    static String wrong(String v) {
        boolean dots = false;
        for (int i = 0; i < v.length(); i++) {
            char c = v.charAt(i);
            if (c >= ' ' && c < 127) {
                dots |= c == '.';
                continue;
            }
            String why = wrong(v, i, c);
            if (why != null) {
                return why;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
            }
        }
        return dots && STEPS.matcher(v).find() ? "an id has no '.' or '..' as a step between slashes" : null;
    }

    private static String wrong(String v, int i, char c) {
        if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
            return "an id has no control characters";
        }
        if (c == '\u061c' || c >= '\u200b' && c <= '\u200f' || c >= '\u202a' && c <= '\u202e' || c >= '\u2060' && c <= '\u206f' || c == '\ufeff') {
            return "an id has no invisible characters and none that turn the direction of text";
        }
        if (c == '\ufffd' || c >= '\ufffe' || Character.isLowSurrogate(c)
                || Character.isHighSurrogate(c) && (i + 1 == v.length() || !Character.isLowSurrogate(v.charAt(i + 1)))) {
            return "an id is whole Unicode text";
        }
        return null;
    }
}
