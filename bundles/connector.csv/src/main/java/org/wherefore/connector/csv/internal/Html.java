package org.wherefore.connector.csv.internal;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plain text of the snippets of HTML that shops leave in titles and descriptions. */
final class Html {
    private static final Pattern TAG = Pattern.compile("<!--.*?-->|</?[A-Za-z][^<>]*>", Pattern.DOTALL);
    private static final Pattern ENTITY = Pattern.compile("&(#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});");
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Map<String, String> NAMED = Map.ofEntries(Map.entry("amp", "&"), Map.entry("lt", "<"),
            Map.entry("gt", ">"), Map.entry("quot", "\""), Map.entry("apos", "'"), Map.entry("nbsp", " "),
            Map.entry("reg", "\u00ae"), Map.entry("copy", "\u00a9"), Map.entry("trade", "\u2122"), Map.entry("eacute", "\u00e9"),
            Map.entry("rsquo", "\u2019"), Map.entry("lsquo", "\u2018"), Map.entry("rdquo", "\u201d"),
            Map.entry("ldquo", "\u201c"), Map.entry("ndash", "\u2013"), Map.entry("mdash", "\u2014"),
            Map.entry("hellip", "\u2026"), Map.entry("bull", "\u2022"));

    private Html() {}

    static String text(String html) {
        if (html.indexOf('<') < 0 && html.indexOf('&') < 0) {
            return html;
        }
        String bare = TAG.matcher(html).replaceAll(" ");
        bare = ENTITY.matcher(bare).replaceAll(m -> Matcher.quoteReplacement(entity(m.group(1), m.group())));
        return BLANKS.matcher(bare).replaceAll(" ").strip();
    }

    private static String entity(String name, String whole) {
        if (name.charAt(0) != '#') {
            return NAMED.getOrDefault(name, whole);
        }
        boolean hex = name.charAt(1) == 'x' || name.charAt(1) == 'X';
        int point = Integer.parseInt(name.substring(hex ? 2 : 1), hex ? 16 : 10);
        boolean usable = Character.isValidCodePoint(point) && Character.isDefined(point) && !Character.isISOControl(point)
                && (point < 0xD800 || point > 0xDFFF);
        return usable ? Character.toString(point) : " ";
    }
}
