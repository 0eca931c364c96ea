package org.wherefore.connector.jdbc.internal;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * How to connect, from the properties file that a source names. What is secret stands in the environment or in a file of its own and is
 * read anew each time. Immutable; its text shows no secret.
 */
final class Settings {
    private static final Pattern SECRET_IN_URL = Pattern.compile("(?i)(^|[?&;:,(])\\s*(password|passwd|pwd|sslpassword)\\s*=");
    private static final Pattern USER_IN_URL = Pattern.compile("//[^/@?;]*:[^/@?;]*@");
    private static final String PROPERTY = "property.";
    private final Path file;
    private final String url;
    private final String driver;
    private final Properties properties;

    private Settings(Path file, String url, String driver, Properties properties) {
        this.file = file;
        this.url = url;
        this.driver = driver;
        this.properties = properties;
    }

    /**
     * @param environment a variable's value by its name, null when it is not set
     * @throws org.wherefore.api.WhereforeException {@code BAD_DATA} when the file is missing or no text, {@code INVALID_INPUT} for what it says
     */
    static Settings read(Path file, UnaryOperator<String> environment) {
        Properties given = new Properties();
        try (Reader in = new StringReader(text(file))) {
            given.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw Failures.badData(file.toString(), "not a properties file with url, user and password.env: " + e.getMessage(), e);
        }
        Properties properties = new Properties();
        String url = null;
        String driver = null;
        for (String key : new TreeSet<>(given.stringPropertyNames())) {
            String value = given.getProperty(key).strip();
            String pointer = file + "#" + key;
            switch (key) {
                case "url" -> url = value;
                case "driver" -> driver = value;
                case "user" -> properties.setProperty("user", value);
                case "user.env" -> put(properties, "user", variable(pointer, value, environment), pointer);
                case "password.env" -> put(properties, "password", variable(pointer, value, environment), pointer);
                case "password.file" -> put(properties, "password", secret(file, pointer, value), pointer);
                case "password" -> throw Failures.badOption(pointer, "a password in clear is refused; name an environment variable in"
                        + " password.env, or a file that holds nothing else in password.file");
                default -> {
                    if (!key.startsWith(PROPERTY) || key.length() == PROPERTY.length()) {
                        throw Failures.badOption(pointer, "unknown setting '" + key + "'; there are url, driver, user, user.env, password.env,"
                                + " password.file and property.NAME for the driver");
                    }
                    if (key.toLowerCase(Locale.ROOT).contains("password")) {
                        throw Failures.badOption(pointer, "a password in clear is refused");
                    }
                    properties.setProperty(key.substring(PROPERTY.length()), value);
                }
            }
        }
        if (url == null || !url.startsWith("jdbc:")) {
            throw Failures.badOption(file + "#url", "expected a URL of JDBC, such as jdbc:postgresql://127.0.0.1:5432/shop, got "
                    + (url == null ? "none" : "something else"));
        }
        if (SECRET_IN_URL.matcher(url).find() || USER_IN_URL.matcher(url).find()) {
            throw Failures.badOption(file + "#url", "the URL holds a password; take it out and name it in password.env or password.file");
        }
        return new Settings(file, url, driver, properties);
    }

    private static String text(Path file) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
        } catch (CharacterCodingException e) {
            throw Failures.badData(file.toString(), "not UTF-8 text", e);
        } catch (IOException e) {
            throw Failures.badData(file.toString(), "can't read the file with the connection's settings (url, user, password.env): " + e, e);
        }
    }

    private static void put(Properties properties, String name, String value, String pointer) {
        if (properties.setProperty(name, value) != null) {
            throw Failures.badOption(pointer, "the " + name + " is named twice; name it once");
        }
    }

    private static String variable(String pointer, String name, UnaryOperator<String> environment) {
        String value = environment.apply(name);
        if (value == null) {
            throw Failures.badOption(pointer, "the environment variable '" + name + "' is not set; set it where the server is started");
        }
        return value;
    }

    private static String secret(Path file, String pointer, String name) {
        Path secret = file.toAbsolutePath().resolveSibling(name);
        try {
            return Files.readString(secret).stripTrailing();
        } catch (IOException e) {
            throw Failures.badOption(pointer, "can't read the file '" + name + "' (beside the settings, or absolute): " + e.getClass().getSimpleName());
        }
    }

    String url() {
        return url;
    }

    /** Null when the URL says it all. */
    String driver() {
        return driver;
    }

    /** A copy, with the secrets; for the driver only. */
    Properties properties() {
        Properties copy = new Properties();
        copy.putAll(properties);
        return copy;
    }

    @Override
    public String toString() {
        return file + " (" + url + ")";
    }
}
