package org.wherefore.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Traffic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

class ModelCommandTest {
    @TempDir
    Path folder;
    private final List<String> asked = new ArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ModelCommand command = new ModelCommand(Recorded::new, new PrintStream(printed, true, StandardCharsets.UTF_8));

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Recorded implements Models {
        @Override
        public JsonNode list() {
            return json("[{'name':'shop','latest':3,'aliases':{'champion':3,'mine':1}}]");
        }

        @Override
        public JsonNode show(String name) {
            return json("{'name':'shop','latest':3,'aliases':{'champion':3},'versions':[{'name':'shop','version':3,'engine':'dl4j-transformer','digest':'sha256:ab',"
                    + "'created':'2026-01-02T03:04:05.678Z','aliases':['champion'],'provenance':{'parent':'shop:2','dataSet':'toy','dataDigest':'sha256:d'},"
                    + "'metrics':{'hr@10':0.5,'x':null}}],'transitions':["
                    + "{'kind':'promote','alias':'champion','from':2,'to':3,'who':'ann','why':'better','when':'2026-01-02T03:04:06Z'},"
                    + "{'kind':'traffic','alias':'','from':0,'to':2,'canary':{'version':2,'percent':12.5},'shadow':null,'who':'ann','why':'','when':'2026-01-02T03:04:07Z'},"
                    + "{'kind':'delete','alias':'','from':1,'to':0,'who':'ann','why':'tidy','when':'2026-01-02T03:04:08Z'}]}");
        }

        @Override
        public JsonNode traffic(String name) {
            return json("{'model':'shop','champion':3,'canary':{'version':4,'percent':10.0},'shadow':{'version':5},'versions':[{'version':3,'role':'champion',"
                    + "'requests':10,'errors':1,'p50Ms':0.5,'p99Ms':null,'predictions':9,'feedbackPerPrediction':{'click':0.25}}],'shadowFigures':{'version':5,"
                    + "'compared':4,'dropped':1,'failed':0,'overlap':0.75,'scoreDifference':null,'p50Ms':1,'p99Ms':2},'watch':{'version':4}}");
        }

        @Override
        public JsonNode promote(String name, int version, String alias, String why) {
            asked.add("promote " + name + " " + version + " " + alias + " " + why);
            return json("{'model':'shop','alias':'" + alias + "','version':" + version + "}");
        }

        @Override
        public JsonNode rollback(String name, String alias, String why) {
            throw new WhereforeException(ErrorCode.CONFLICT, "there is no version before it to go back to");
        }

        @Override
        public JsonNode split(String name, Traffic traffic, String why) {
            asked.add(traffic + " " + why);
            return traffic(name);
        }

        @Override
        public void export(ModelRef ref, Path file) {
            try {
                Files.writeString(file, ref.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (ref.version() == 9) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no version 9");
            }
        }

        @Override
        public JsonNode importArchive(String name, Path file, String why) {
            return json("{'version':4,'engine':'fake','digest':'sha256:ab'}");
        }

        @Override
        public JsonNode prune(String name, Retention retention, boolean dryRun, String why) {
            asked.add(retention + " " + dryRun);
            return json("{'versions':[1,2]}");
        }
    }

    private String run(int code, String... args) {
        printed.reset();
        assertThat(command.apply(List.of(args))).isEqualTo(code);
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void showsVersionsAndWhatHappened() {
        assertThat(run(0, "list")).isEqualTo("shop  latest 3, champion 3, mine 1\n");
        assertThat(run(0, "show", "shop")).isEqualTo("""
                shop:3  dl4j-transformer  2026-01-02T03:04:05Z  @champion
                    digest sha256:ab
                    after shop:2, data toy sha256:d
                    hr@10 0.5000, x -

                2026-01-02T03:04:06Z  ann: @champion from 2 to 3  (better)
                2026-01-02T03:04:07Z  ann: canary 2 at 12.5 %, no shadow
                2026-01-02T03:04:08Z  ann: deleted 1  (tidy)
                """);
        assertThat(run(0, "list", "--json")).endsWith("\"mine\":1}}]\n");
    }

    @Test
    void movesAliases() {
        assertThat(run(0, "promote", "shop:3", "--why", "better")).isEqualTo("shop@champion is version 3\n");
        run(0, "promote", "shop:2", "--alias", "mine");
        assertThat(asked).containsExactly("promote shop 3 champion better", "promote shop 2 mine ");
        assertThat(run(4, "rollback", "shop")).isEmpty();
    }

    @Test
    void splitsTrafficOrShowsIt() {
        assertThat(run(0, "traffic", "shop")).isEqualTo("""
                shop: champion 3, canary 4 at 10 %, shadow 5
                  champion  3  10 requests, 1 errors, p50 0.5000 ms, p99 - ms, click 0.2500
                  shadow    5  4 compared, 1 dropped, 0 failed, overlap 0.7500, score difference -, p50 1 ms, p99 2 ms
                  watched   4
                """);
        run(0, "traffic", "shop", "--canary", "4", "--percent", "12.5", "--shadow", "5", "--why", "to see");
        run(0, "traffic", "shop", "--shadow", "5");
        run(0, "traffic", "shop", "--none");
        assertThat(asked).containsExactly("canary 4 at 12.5 %, shadow 5 to see", "no canary, shadow 5 ", "no canary, no shadow ");
    }

    @Test
    void exportsIntoANewFileOnly() throws IOException {
        Path file = folder.resolve("a.zip");
        assertThat(run(0, "export", "shop@champion", file.toString())).startsWith("shop@champion is in " + file);
        assertThat(file).hasContent("shop@champion");
        run(4, "export", "shop:3", file.toString());
        run(4, "export", "shop:9", folder.resolve("b.zip").toString());
        assertThat(folder).isDirectoryNotContaining("glob:**/b.zip*");
        assertThat(run(0, "import", "shop", file.toString())).contains("imported shop:4", "wherefore model promote shop:4");
        run(3, "import", "shop", folder.resolve("c.zip").toString());
    }

    @Test
    void saysWhatItDeletes() {
        assertThat(run(0, "prune", "shop", "--keep", "5", "--dry-run")).isEqualTo("shop: would delete 1, 2\n");
        assertThat(run(0, "prune", "shop", "--keep", "5", "--rollback-targets")).isEqualTo("shop: deleted 1, 2\n");
        assertThat(asked).containsExactly("Retention[keep=5, rollbackTargets=false] true", "Retention[keep=5, rollbackTargets=true] false");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fly", "show", "show ../x", "promote shop", "promote shop@champion", "promote shop:x", "promote shop:1 --alias a/b",
            "promote sh?op:1", "traffic shop --canary 5", "traffic shop --percent 5", "traffic shop --none --canary 5 --percent 1", "traffic shop --canary 0 --percent 1",
            "traffic shop --canary 5 --percent x", "traffic shop --canary 5 --percent 101", "prune shop", "prune shop --keep 0", "prune shop --keep x", "export shop:1",
            "import shop", "list --wrong"})
    void refusesWhatItDoesNotUnderstand(String line) {
        assertThat(run(2, line.isEmpty() ? new String[0] : line.split(" "))).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void helpHasAnExampleOfEachKind() {
        for (String what : List.of("promote", "rollback", "traffic", "export", "import", "prune")) {
            assertThat(run(0, "help")).contains("  wherefore model " + what + " ecommerce");
        }
    }
}
