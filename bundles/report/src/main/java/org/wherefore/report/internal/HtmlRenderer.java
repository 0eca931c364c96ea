package org.wherefore.report.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.spi.ReportRenderer;

/** Reports as one HTML page that loads nothing: styles and charts (SVG) are within. Stateless. */
@Component(service = ReportRenderer.class)
public class HtmlRenderer implements ReportRenderer {
    private static final int BAR_HEIGHT = 26;
    private static final int LABEL_WIDTH = 250;
    private static final int CHART_WIDTH = 640;
    private static final int BAR_WIDTH = CHART_WIDTH - LABEL_WIDTH - 110;

    @Activate
    public HtmlRenderer() {
        // Stateless.
    }

    @Override
    public String mediaType() {
        return "text/html";
    }

    @Override
    public void write(Report report, OutputStream out) throws IOException {
        StringBuilder html = new StringBuilder("<!doctype html>\n<html lang=\"").append(escape(report.locale().toLanguageTag()))
                .append("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>")
                .append(escape(report.title())).append("</title><style>");
        try (InputStream style = HtmlRenderer.class.getResourceAsStream("report.css")) {
            html.append(new String(style.readAllBytes(), StandardCharsets.UTF_8));
        }
        html.append("</style></head><body><main>\n<h1>").append(escape(report.title())).append("</h1>\n");
        if (!report.subtitle().isEmpty()) {
            html.append("<p class=\"subtitle\">").append(escape(report.subtitle())).append("</p>\n");
        }
        for (Report.Section s : report.sections()) {
            html.append("<section><h2>").append(escape(s.heading())).append("</h2>\n");
            s.blocks().forEach(b -> block(html, b));
            html.append("</section>\n");
        }
        out.write(html.append("</main></body></html>\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void block(StringBuilder html, Report.Block block) {
        if (block instanceof Report.Text t) {
            html.append("<p>").append(escape(t.text())).append("</p>\n");
        } else if (block instanceof Report.Facts f) {
            html.append("<dl>");
            f.facts().forEach(x -> html.append("<dt>").append(escape(x.label())).append("</dt><dd>").append(escape(x.value())).append("</dd>"));
            html.append("</dl>\n");
        } else if (block instanceof Report.Table t) {
            html.append("<table><thead>");
            row(html, "th", t.head());
            html.append("</thead><tbody>");
            t.rows().forEach(r -> row(html, "td", r));
            html.append("</tbody></table>\n");
        } else {
            chart(html, (Report.Bars) block);
        }
    }

    private static void row(StringBuilder html, String cell, List<String> texts) {
        html.append("<tr>");
        texts.forEach(t -> html.append('<').append(cell).append('>').append(escape(t)).append("</").append(cell).append('>'));
        html.append("</tr>");
    }

    private static void chart(StringBuilder html, Report.Bars bars) {
        double most = bars.bars().stream().mapToDouble(Report.Bar::value).max().orElse(0);
        int height = BAR_HEIGHT * bars.bars().size();
        html.append("<figure><svg role=\"img\" viewBox=\"0 0 ").append(CHART_WIDTH).append(' ').append(height).append("\" aria-label=\"")
                .append(escape(bars.caption())).append("\">");
        int y = 0;
        for (Report.Bar b : bars.bars()) {
            double width = most == 0 ? 0 : BAR_WIDTH * b.value() / most;
            html.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\""
                    + " height=\"%d\"/><text x=\"%.1f\" y=\"%d\">%s</text>", LABEL_WIDTH - 10, y + 17, escape(b.label()), b.own() ? "own" : "usual",
                    LABEL_WIDTH, y + 4, Math.max(1, width), BAR_HEIGHT - 8, LABEL_WIDTH + width + 8, y + 17, escape(b.text())));
            y += BAR_HEIGHT;
        }
        html.append("</svg><figcaption>").append(escape(bars.caption())).append("</figcaption></figure>\n");
    }

    /** Text for between tags and in quoted attributes. */
    static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
        return out.toString();
    }
}
