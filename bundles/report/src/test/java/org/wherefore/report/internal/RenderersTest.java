package org.wherefore.report.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.spi.ReportRenderer;

class RenderersTest {
    private static final String MARKUP = "<script>alert(\"1\")</script> & <b>bold</b>";
    @TempDir
    Path folder;

    private static Report report(String who) {
        return new Report("Fraud: " + who, "交易报告", Locale.SIMPLIFIED_CHINESE, List.of(
                new Report.Section("Why", List.of(new Report.Text("The amount is high. " + who), new Report.Text("交易金额 391.40 是该客户平常金额的 7.8 倍：此前 30 天的 71 笔交易平均为 50.46。".repeat(8)))),
                new Report.Section("Usual", List.of(new Report.Bars("Amounts", List.of(new Report.Bar("this one", 391.4, "391.40", true),
                        new Report.Bar(who, 0, "0.00", false))), new Report.Facts(List.of(new Report.Fact("Customer", who))),
                        new Report.Table(List.of("outcome", "amount"), List.of(List.of("fraud", "12.00"), List.of(who, "5.00")))))));
    }

    private static byte[] bytes(ReportRenderer renderer, Report report) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        renderer.write(report, out);
        return out.toByteArray();
    }

    private static String textOf(byte[] pdf) throws IOException {
        try (PDDocument document = Loader.loadPDF(pdf)) {
            return new PDFTextStripper().getText(document);
        }
    }

    @Test
    void markupInANameIsTextInHtml() throws IOException {
        String html = new String(bytes(new HtmlRenderer(), report(MARKUP)), StandardCharsets.UTF_8);
        assertThat(html).doesNotContain("<script>", "<b>").contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;")
                .contains("lang=\"zh-CN\"", "<svg", "391.40");
    }

    @Test
    void markupInANameIsTextInPdf() throws IOException {
        assertThat(textOf(bytes(new PdfRenderer(), report(MARKUP))).replaceAll("\\s+", " ")).contains(MARKUP);
    }

    @Test
    void thePdfHasItsFiguresInBothScripts() throws IOException {
        byte[] pdf = bytes(new PdfRenderer(), report("Customer 0001"));
        Files.write(folder.resolve("report.pdf"), pdf);
        assertThat(textOf(pdf)).contains("Fraud: Customer 0001", "391.40", "交易报告", "12.00", "平常金额");
        assertThat(pdf.length).as("only the glyphs that are used").isLessThan(200_000);
    }

    @Test
    void whatTheFontCannotDrawIsSaidSo() throws IOException {
        assertThat(textOf(bytes(new PdfRenderer(), report("a \uD83D\uDE00 b\u0001")))).contains("a ? b?");
    }

    @Test
    void longTextsGoOnToTheNextPage() throws IOException {
        List<Report.Block> many = java.util.Collections.nCopies(120, new Report.Text("One more line of text."));
        byte[] pdf = bytes(new PdfRenderer(), new Report("Long", "", Locale.ENGLISH, List.of(new Report.Section("Lines", many))));
        try (PDDocument document = Loader.loadPDF(pdf)) {
            assertThat(document.getNumberOfPages()).isGreaterThan(1);
            assertThat(new PDFTextStripper().getText(document).lines().filter(l -> l.contains("One more line"))).hasSize(120);
        }
    }
}
