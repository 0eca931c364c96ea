package org.wherefore.domain.fraud.internal;

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
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.report.Case;
import org.wherefore.api.report.Report;

/**
 * Fraud of card payments: how likely a transaction is one, from what it is and from what its customer and its terminal did before. Its
 * texts and training defaults are files beside this class. Immutable, thread-safe.
 */
@Component(service = DomainPack.class)
public final class FraudPack implements DomainPack {
    static final String AMOUNT = "amount";
    static final String CUSTOMER_MEAN = "customer.amount.mean.30d";
    static final String CUSTOMER_COUNT = "customer.count.30d";
    static final String TERMINAL_COUNT = "terminal.count.30d";
    static final String TERMINAL_RISK = "terminal.risk.30d";
    private static final Classification TASK = new Classification("transactions", "transaction", "id", "time", "fraud", "", List.of("fraud"),
            List.of("pass", "review", "block"));
    private static final List<Schema> SCHEMAS = List.of(
            new Schema("transactions", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.required("time", FieldType.TIME),
                    Field.optional("customer", FieldType.TEXT),
                    Field.optional("terminal", FieldType.TEXT),
                    Field.required(AMOUNT, FieldType.NUMBER),
                    Field.optional("fraud", FieldType.TEXT),
                    Field.optional("scenario", FieldType.TEXT))),
            new Schema("customers", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.optional("title", FieldType.TEXT),
                    Field.optional("x", FieldType.NUMBER),
                    Field.optional("y", FieldType.NUMBER),
                    Field.optional("attributes", FieldType.LIST))),
            new Schema("terminals", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.optional("title", FieldType.TEXT),
                    Field.optional("x", FieldType.NUMBER),
                    Field.optional("y", FieldType.NUMBER),
                    Field.optional("attributes", FieldType.LIST))),
            new Schema("accounts", List.of(
                    Field.required("id", FieldType.TEXT),
                    Field.optional("title", FieldType.TEXT),
                    Field.optional("customer", FieldType.TEXT),
                    Field.optional("opened", FieldType.TIME),
                    Field.optional("attributes", FieldType.LIST))));
    /** Times a customer's own mean from which on an amount can't be a large one of this customer. */
    private static final double FAR = 3.2;
    /**
     * The most particular first: of two that would each have let a payment pass it is the earlier one that is said first. An amount far from
     * the customer's own says more than that it is a high one; an amount only somewhat above them says less.
     */
    private static final List<Factor> FACTORS = List.of(
            customerAmount(AMOUNT + " > field:" + CUSTOMER_MEAN + " * " + FAR),
            new Factor("terminal-risk", Map.of("terminal.risk.1d", "value:0", "terminal.risk.7d", "value:0", TERMINAL_RISK, "value:0"),
                    List.of(TERMINAL_RISK + " > 0"), List.of(TERMINAL_COUNT, TERMINAL_RISK)),
            new Factor("amount-ceiling", Map.of(AMOUNT, "quantile:0.5"), List.of(AMOUNT + " > quantile:0.99"), List.of(AMOUNT)),
            customerAmount(AMOUNT + " > field:" + CUSTOMER_MEAN + " * 1.5", AMOUNT + " <= field:" + CUSTOMER_MEAN + " * " + FAR));

    private final Map<String, String> english = properties("texts.properties");
    private final Map<String, String> chinese = properties("texts_zh.properties");
    private final Map<String, String> training = properties("training.properties");

    @Activate
    public FraudPack() {
        // All it says is constant.
    }

    private static Factor customerAmount(String... when) {
        return new Factor("customer-amount", Map.of(AMOUNT, "field:" + CUSTOMER_MEAN),
                Stream.concat(Stream.of(when), Stream.of(CUSTOMER_COUNT + " >= 3", CUSTOMER_MEAN + " > 0")).toList(),
                List.of(AMOUNT, CUSTOMER_MEAN, CUSTOMER_COUNT));
    }

    @Override
    public String id() {
        return "fraud";
    }

    @Override
    public String title(Locale locale) {
        return ("zh".equals(locale.getLanguage()) ? chinese : english).get("title");
    }

    @Override
    public List<String> tasks() {
        return List.of("classification");
    }

    @Override
    public List<String> modalities() {
        return List.of("table");
    }

    @Override
    public List<Schema> schemas() {
        return SCHEMAS;
    }

    @Override
    public String extractor() {
        return "table";
    }

    @Override
    public String engine() {
        return "dl4j-ft-transformer";
    }

    @Override
    public String fallbackEngine() {
        return "boosted-trees";
    }

    @Override
    public List<String> claimKinds() {
        return List.of("unusual", "counterfactual", "example");
    }

    @Override
    public Optional<Classification> classification() {
        return Optional.of(TASK);
    }

    @Override
    public List<Factor> factors() {
        return FACTORS;
    }

    @Override
    public Optional<Report> report(Case about, Locale locale) {
        boolean zh = "zh".equals(locale.getLanguage());
        return Optional.of(new FraudReport(about, zh ? chinese : english, zh ? locale : Locale.ENGLISH).report());
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return training;
    }

    /**
     * Writes simulated transactions, over whatever files of the same names are there. Same seed, same bytes.
     *
     * @throws WhereforeException {@code STORAGE} when a file can't be written
     */
    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        try {
            return Optional.of(new SampleBank(seed).write(folder));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, folder.toString(),
                    "the sample transactions can't be written to '" + folder + "'; is the folder writable?", e);
        }
    }

    /** Read directly: a {@code ResourceBundle} would stay in the JVM's cache after the bundle is gone. */
    private static Map<String, String> properties(String name) {
        Properties read = new Properties();
        try (InputStream in = FraudPack.class.getResourceAsStream(name)) {
            read.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, name, "the bundle's own file '" + name + "' can't be read", e);
        }
        Map<String, String> map = new TreeMap<>();
        read.forEach((key, value) -> map.put((String) key, (String) value));
        return Map.copyOf(map);
    }
}
