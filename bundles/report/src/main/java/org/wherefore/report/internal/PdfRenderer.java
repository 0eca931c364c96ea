package org.wherefore.report.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.spi.ReportRenderer;

/** Reports as PDF files on A4, with a font of their own for English and Chinese. Thread-safe; every call reads the font anew. */
@Component(service = ReportRenderer.class)
public class PdfRenderer implements ReportRenderer {
    private static final float TITLE = 18;
    private static final float HEADING = 12.5f;
    private static final float BODY = 10;
    private static final float SMALL = 8.5f;
    private static final float BAR = 16;
    private static final float LABELS = 165;
    private static final float VALUES = 75;
    /** Of the width, for the labels of facts. */
    private static final float FACT_LABELS = 0.32f;
    private static final float[] INK = {0.11f, 0.14f, 0.19f};
    private static final float[] GREY = {0.35f, 0.39f, 0.45f};
    private static final float[] LINE = {0.85f, 0.87f, 0.89f};
    private static final float[] OWN = {0.70f, 0.15f, 0.12f};
    private static final float[] USUAL = {0.54f, 0.64f, 0.76f};

    @Activate
    public PdfRenderer() {
        // Stateless.
    }

    @Override
    public String mediaType() {
        return "application/pdf";
    }

    @Override
    public void write(Report report, OutputStream out) throws IOException {
        try (PDDocument document = new PDDocument(); InputStream file = PdfRenderer.class.getResourceAsStream("NotoSansSC-Regular.ttf")) {
            PDFont font = PDType0Font.load(document, file, true);
            document.getDocumentInformation().setTitle(report.title());
            document.getDocumentCatalog().setLanguage(report.locale().toLanguageTag());
            try (Pages pages = new Pages(document, font)) {
                pages.paragraph(report.title(), TITLE, INK);
                if (!report.subtitle().isEmpty()) {
                    pages.paragraph(report.subtitle(), BODY, GREY);
                }
                for (Report.Section s : report.sections()) {
                    pages.gap(HEADING);
                    pages.keepTogether(3 * HEADING + 2 * BODY);
                    pages.paragraph(s.heading(), HEADING, INK);
                    pages.rule(LINE);
                    for (Report.Block b : s.blocks()) {
                        block(pages, b);
                    }
                }
            }
            document.save(out);
        }
    }

    private static void block(Pages pages, Report.Block block) throws IOException {
        if (block instanceof Report.Text t) {
            pages.paragraph(t.text(), BODY, INK);
            pages.gap(BODY / 4);
        } else if (block instanceof Report.Facts f) {
            for (Report.Fact fact : f.facts()) {
                pages.row(List.of(fact.label(), fact.value()), new float[] {FACT_LABELS, 1 - FACT_LABELS}, BODY, GREY, INK, false);
            }
        } else if (block instanceof Report.Table t) {
            float[] widths = new float[t.head().size()];
            IntStream.range(0, widths.length).forEach(i -> widths[i] = 1f / widths.length);
            pages.row(t.head(), widths, SMALL, GREY, GREY, true);
            pages.rule(LINE);
            for (List<String> row : t.rows()) {
                pages.row(row, widths, BODY, INK, INK, true);
            }
        } else {
            chart(pages, (Report.Bars) block);
        }
    }

    private static void chart(Pages pages, Report.Bars bars) throws IOException {
        double most = bars.bars().stream().mapToDouble(Report.Bar::value).max().orElse(0);
        pages.keepTogether(BAR * bars.bars().size() + 3 * SMALL);
        pages.gap(SMALL / 2);
        for (Report.Bar b : bars.bars()) {
            float full = pages.width() - LABELS - VALUES;
            float length = most == 0 ? 1 : (float) Math.max(1, full * b.value() / most);
            pages.bar(b.label(), b.text(), LABELS, length, BAR, BODY, b.own() ? OWN : USUAL, INK);
        }
        pages.paragraph(bars.caption(), SMALL, GREY);
        pages.gap(SMALL / 2);
    }
}
