package org.wherefore.domain.ecommerce.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;

/**
 * Shop recommendation: what a customer will do next, from what they viewed, put in the cart and bought. Its texts and
 * training defaults are files beside this class. Immutable, thread-safe.
 */
@Component(service = DomainPack.class)
public final class EcommercePack implements DomainPack {
    private static final List<Schema> SCHEMAS = List.of(
            new Schema("events", List.of(
                    Field.required("user", FieldType.TEXT),
                    Field.required("item", FieldType.TEXT),
                    Field.optional("kind", FieldType.TEXT),
                    Field.optional("time", FieldType.TIME))),
            new Schema("items", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.optional("title", FieldType.TEXT),
                    Field.optional("category", FieldType.LIST),
                    Field.optional("brand", FieldType.TEXT),
                    Field.optional("price", FieldType.NUMBER),
                    Field.optional("attributes", FieldType.LIST),
                    Field.optional("description", FieldType.TEXT))),
            new Schema("users", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.optional("title", FieldType.TEXT),
                    Field.optional("attributes", FieldType.LIST))));

    private final Map<String, String> english = properties("texts.properties");
    private final Map<String, String> chinese = properties("texts_zh.properties");
    private final Map<String, String> training = properties("training.properties");

    @Activate
    public EcommercePack() {}

    @Override
    public String id() {
        return "ecommerce";
    }

    @Override
    public String title(Locale locale) {
        return ("zh".equals(locale.getLanguage()) ? chinese : english).get("title");
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
        return List.of("history", "attribute", "cohort", "counterfactual", "example", "contrast", "fallback");
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return training;
    }

    /**
     * Writes the sample shop, over whatever files of the same names are there. Same seed, same bytes.
     *
     * @throws WhereforeException {@code STORAGE} when a file can't be written
     */
    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        try {
            return Optional.of(new SampleShop(seed).write(folder));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, folder.toString(),
                    "the sample shop can't be written to '" + folder + "'; is the folder writable?", e);
        }
    }

    /** Read directly: a {@code ResourceBundle} would stay in the JVM's cache after the bundle is gone. */
    private static Map<String, String> properties(String name) {
        Properties read = new Properties();
        try (InputStream in = EcommercePack.class.getResourceAsStream(name)) {
            read.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, name, "the bundle's own file '" + name + "' can't be read", e);
        }
        Map<String, String> map = new TreeMap<>();
        read.forEach((key, value) -> map.put((String) key, (String) value));
        return Map.copyOf(map);
    }
}
