package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import org.wherefore.api.report.Report;

/** The JSON of reports. */
final class RenderReport {
    private RenderReport() {}

    static void report(JsonGenerator json, Report r) throws IOException {
        json.writeStartObject();
        json.writeStringField("title", r.title());
        json.writeStringField("subtitle", r.subtitle());
        json.writeStringField("locale", r.locale().toLanguageTag());
        json.writeArrayFieldStart("sections");
        for (Report.Section s : r.sections()) {
            json.writeStartObject();
            json.writeStringField("heading", s.heading());
            json.writeArrayFieldStart("blocks");
            for (Report.Block b : s.blocks()) {
                json.writeStartObject();
                block(json, b);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void block(JsonGenerator json, Report.Block block) throws IOException {
        if (block instanceof Report.Text t) {
            json.writeStringField("text", t.text());
        } else if (block instanceof Report.Facts f) {
            json.writeArrayFieldStart("facts");
            for (Report.Fact x : f.facts()) {
                json.writeStartObject();
                json.writeStringField("label", x.label());
                json.writeStringField("value", x.value());
                json.writeEndObject();
            }
            json.writeEndArray();
        } else if (block instanceof Report.Bars c) {
            json.writeStringField("caption", c.caption());
            json.writeArrayFieldStart("bars");
            for (Report.Bar b : c.bars()) {
                json.writeStartObject();
                json.writeStringField("label", b.label());
                Json.number(json, "value", b.value());
                json.writeStringField("text", b.text());
                json.writeBooleanField("own", b.own());
                json.writeEndObject();
            }
            json.writeEndArray();
        } else {
            Report.Table t = (Report.Table) block;
            Json.texts(json, "head", t.head());
            json.writeArrayFieldStart("rows");
            for (List<String> row : t.rows()) {
                json.writeStartArray();
                for (String cell : row) {
                    json.writeString(cell);
                }
                json.writeEndArray();
            }
            json.writeEndArray();
        }
    }
}
