package org.wherefore.api.report;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A document in the reader's language. All texts are plain; what reads like markup is no markup.
 *
 * @param subtitle one line below the title, may be empty
 * @param locale that it is written in
 */
public record Report(String title, String subtitle, Locale locale, List<Section> sections) {
    public Report {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(subtitle, "subtitle");
        Objects.requireNonNull(locale, "locale");
        sections = List.copyOf(sections);
    }

    /** A part with a heading. */
    public record Section(String heading, List<Block> blocks) {
        public Section {
            Objects.requireNonNull(heading, "heading");
            blocks = List.copyOf(blocks);
        }
    }

    /** What a section is made of. */
    public sealed interface Block {}

    /** A paragraph. */
    public record Text(String text) implements Block {
        public Text {
            Objects.requireNonNull(text, "text");
        }
    }

    /** Labels with values, one below the other. */
    public record Facts(List<Fact> facts) implements Block {
        public Facts {
            facts = List.copyOf(facts);
        }
    }

    /** One of {@link Facts}. */
    public record Fact(String label, String value) {
        public Fact {
            Objects.requireNonNull(label, "label");
            Objects.requireNonNull(value, "value");
        }
    }

    /** A chart: a bar for each value, all on one scale that begins at 0. @param caption says what is measured */
    public record Bars(String caption, List<Bar> bars) implements Block {
        public Bars {
            Objects.requireNonNull(caption, "caption");
            bars = List.copyOf(bars);
        }
    }

    /** One of {@link Bars}. @param value 0 or more @param text the value as it is written @param own whether it is what the report is about */
    public record Bar(String label, double value, String text, boolean own) {
        /** @throws IllegalArgumentException when the value is below 0 or no number */
        public Bar {
            Objects.requireNonNull(label, "label");
            Objects.requireNonNull(text, "text");
            if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("a bar is as long as a number from 0, got " + value);
            }
        }
    }

    /** @param rows each as long as the head */
    public record Table(List<String> head, List<List<String>> rows) implements Block {
        /** @throws IllegalArgumentException when a row is longer or shorter than the head */
        public Table {
            head = List.copyOf(head);
            rows = rows.stream().map(List::copyOf).toList();
            int width = head.size();
            if (rows.stream().anyMatch(r -> r.size() != width)) {
                throw new IllegalArgumentException("a table with " + width + " columns has a row of another number of cells");
            }
        }
    }
}
