package ${package};

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;

/**
 * Domain {@code ${pluginName}}: what a library's readers borrow next. Its sample is a small library whose readers keep to one or two
 * subjects and read a series in its order. Stateless, thread-safe.
 */
@Component(service = DomainPack.class)
public final class ${className} implements DomainPack {
    private static final List<Schema> SCHEMAS = List.of(
            new Schema("events", List.of(Field.required("user", FieldType.TEXT), Field.required("item", FieldType.TEXT),
                    Field.optional("kind", FieldType.TEXT), Field.optional("time", FieldType.TIME))),
            new Schema("items", List.of(Field.required("id", FieldType.TEXT), Field.optional("title", FieldType.TEXT),
                    Field.optional("category", FieldType.LIST))));
    private static final List<String> SUBJECTS = List.of("Gardens", "Ships", "Maps", "Birds", "Bread");
    private static final int VOLUMES = 8;
    private static final int READERS = 200;

    @Override
    public String id() {
        return "${pluginName}";
    }

    @Override
    public String title(Locale locale) {
        return "zh".equals(locale.getLanguage()) ? "图书馆" : "Library";
    }

    @Override
    public List<String> tasks() {
        return List.of("next-item");
    }

    @Override
    public List<String> modalities() {
        return List.of("sequence");
    }

    @Override
    public List<Schema> schemas() {
        return SCHEMAS;
    }

    @Override
    public String extractor() {
        return "sequence";
    }

    @Override
    public String engine() {
        return "dl4j-transformer";
    }

    @Override
    public String fallbackEngine() {
        return "item-to-item";
    }

    @Override
    public List<String> claimKinds() {
        return List.of("history", "attribute", "cohort", "fallback");
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return Map.of("maxLength", "20", "dim", "32", "blocks", "1", "heads", "1", "epochs", "20", "batchSize", "64", "dropout", "0.1",
                "loss", "full-softmax");
    }

    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        Random random = new Random(seed);
        StringBuilder items = new StringBuilder("id,title,category\n");
        for (int s = 0; s < SUBJECTS.size(); s++) {
            for (int v = 0; v < VOLUMES; v++) {
                items.append(book(s, v)).append(',').append(SUBJECTS.get(s)).append(" volume ").append(v + 1).append(',')
                        .append(SUBJECTS.get(s)).append('\n');
            }
        }
        StringBuilder events = new StringBuilder("user,item,kind,time\n");
        for (int reader = 0; reader < READERS; reader++) {
            Instant time = Instant.parse("2026-01-01T09:00:00Z").plusSeconds(reader * 600L);
            for (int series = 0; series < 2; series++) {
                int subject = random.nextInt(SUBJECTS.size());
                int from = random.nextInt(3);
                int to = from + 3 + random.nextInt(VOLUMES - from - 2);
                for (int v = from; v < to; v++) {
                    events.append('r').append(reader).append(',').append(book(subject, v)).append(",borrow,").append(time).append('\n');
                    time = time.plusSeconds(86_400L * (1 + random.nextInt(7)));
                }
            }
        }
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("books.csv"), items);
            Files.writeString(folder.resolve("loans.csv"), events);
            return Optional.of(Files.writeString(folder.resolve("library.json"), """
                    {"name": "library", "domain": "${pluginName}",
                     "sources": [
                       {"connector": "csv", "role": "events", "path": "loans.csv", "options": {"separator": ",", "header": "true"},
                        "columns": {"user": "user", "item": "item", "kind": "kind", "time": "time"}},
                       {"connector": "csv", "role": "items", "path": "books.csv", "options": {"separator": ",", "header": "true"},
                        "columns": {"id": "id", "title": "title", "category": "category"}}]}
                    """));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, folder.toString(), "the sample library can't be written to '" + folder
                    + "'; is the folder writable?", e);
        }
    }

    private static String book(int subject, int volume) {
        return SUBJECTS.get(subject).substring(0, 2).toLowerCase(Locale.ROOT) + (volume + 1);
    }
}
