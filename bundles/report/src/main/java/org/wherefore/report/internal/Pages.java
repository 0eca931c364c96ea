package org.wherefore.report.internal;

import java.io.Closeable;
import java.io.IOException;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;

/** Pages that are written from above to below; a new one begins where there is no room. Colours are red, green, blue from 0 to 1. One thread. */
final class Pages implements Closeable {
    private static final float MARGIN = 56;
    private static final float SPACING = 1.5f;
    private static final float FOOT = 8;
    private static final float CELL_GAP = 8;
    private final PDDocument document;
    private final PDFont font;
    private final Map<Integer, Boolean> known = new HashMap<>();
    private PDPageContentStream page;
    private float y;
    private int number;

    Pages(PDDocument document, PDFont font) throws IOException {
        this.document = document;
        this.font = font;
        next();
    }

    private void next() throws IOException {
        finish();
        PDPage added = new PDPage(PDRectangle.A4);
        document.addPage(added);
        page = new PDPageContentStream(document, added);
        y = PDRectangle.A4.getHeight() - MARGIN;
        number++;
    }

    private void finish() throws IOException {
        if (page != null) {
            text(Integer.toString(number), MARGIN + width() / 2, MARGIN / 2, FOOT, new float[] {0.4f, 0.4f, 0.4f});
            page.close();
        }
    }

    float width() {
        return PDRectangle.A4.getWidth() - 2 * MARGIN;
    }

    void gap(float height) {
        y -= height;
    }

    /** Begins a new page when less than this is left of it. */
    void keepTogether(float height) throws IOException {
        if (y - height < MARGIN) {
            next();
        }
    }

    void paragraph(String text, float size, float[] colour) throws IOException {
        for (String line : lines(text, size, width())) {
            keepTogether(size * SPACING);
            y -= size * SPACING;
            text(line, MARGIN, y, size, colour);
        }
    }

    void rule(float[] colour) throws IOException {
        y -= 3;
        page.setStrokingColor(colour[0], colour[1], colour[2]);
        page.setLineWidth(0.7f);
        page.moveTo(MARGIN, y);
        page.lineTo(MARGIN + width(), y);
        page.stroke();
        y -= 1;
    }

    /** Cells side by side. @param widths shares of the width @param numbers whether all cells but the first are set to the right */
    void row(List<String> cells, float[] widths, float size, float[] first, float[] others, boolean numbers) throws IOException {
        List<List<String>> wrapped = new ArrayList<>();
        int most = 1;
        for (int c = 0; c < cells.size(); c++) {
            wrapped.add(lines(cells.get(c), size, width() * widths[c] - CELL_GAP));
            most = Math.max(most, wrapped.get(c).size());
        }
        for (int line = 0; line < most; line++) {
            keepTogether(size * SPACING);
            y -= size * SPACING;
            float x = MARGIN;
            for (int c = 0; c < cells.size(); c++) {
                float cell = width() * widths[c];
                if (line < wrapped.get(c).size()) {
                    String text = wrapped.get(c).get(line);
                    text(text, numbers && c > 0 ? x + cell - length(text, size) : x, y, size, c == 0 ? first : others);
                }
                x += cell;
            }
        }
    }

    void bar(String label, String value, float labels, float length, float height, float size, float[] colour, float[] ink) throws IOException {
        keepTogether(height);
        y -= height;
        String shown = lines(label, size, labels - CELL_GAP).get(0);
        text(shown, MARGIN + labels - CELL_GAP - length(shown, size), y + 4, size, ink);
        page.setNonStrokingColor(colour[0], colour[1], colour[2]);
        page.addRect(MARGIN + labels, y + 2, length, height - 5);
        page.fill();
        text(value, MARGIN + labels + length + 6, y + 4, size, ink);
    }

    private void text(String text, float x, float at, float size, float[] colour) throws IOException {
        page.beginText();
        page.setNonStrokingColor(colour[0], colour[1], colour[2]);
        page.setFont(font, size);
        page.newLineAtOffset(x, at);
        page.showText(text);
        page.endText();
    }

    private float length(String text, float size) throws IOException {
        return font.getStringWidth(text) / 1000 * size;
    }

    /** Broken where the language allows it; a word that is longer than a line anywhere. Never empty. */
    private List<String> lines(String text, float size, float width) throws IOException {
        String shown = drawable(text);
        List<String> lines = new ArrayList<>();
        BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
        breaks.setText(shown);
        StringBuilder line = new StringBuilder();
        int from = breaks.first();
        for (int to = breaks.next(); to != BreakIterator.DONE; from = to, to = breaks.next()) {
            String piece = shown.substring(from, to);
            if (line.length() > 0 && length(line + piece.stripTrailing(), size) > width) {
                lines.add(line.toString().stripTrailing());
                line.setLength(0);
            }
            for (int c = 0; c < piece.length(); c += Character.charCount(piece.codePointAt(c))) {
                String one = Character.toString(piece.codePointAt(c));
                if (line.length() > 0 && !one.isBlank() && length(line + one, size) > width) {
                    lines.add(line.toString());
                    line.setLength(0);
                }
                line.append(one);
            }
        }
        lines.add(line.toString().stripTrailing());
        return lines;
    }

    /** What the font has no glyph for is shown as a question mark; breaks and tabs are blanks. */
    private String drawable(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> out.appendCodePoint(Character.isWhitespace(c) ? ' ' : known.computeIfAbsent(c, this::has) ? c : '?'));
        return out.toString();
    }

    private boolean has(int codePoint) {
        try {
            font.encode(Character.toString(codePoint));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        finish();
    }
}
