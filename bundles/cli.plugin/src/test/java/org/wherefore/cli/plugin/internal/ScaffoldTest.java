package org.wherefore.cli.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaffoldTest {
    @TempDir
    Path folder;

    @BeforeEach
    void archetype() throws IOException {
        Path java = Files.createDirectories(folder.resolve("sdk/archetypes/explainer/src/main/java"));
        Files.writeString(java.resolve("__className__.java"), "package ${package};\nclass ${className} { String s = \"${pluginName} ${other} $1\"; }\n");
        Files.writeString(folder.resolve("sdk/archetypes/explainer/pom.xml"), "${groupId}:${artifactId}:${version} ${sdk} ${wherefore.sdk}\n");
    }

    @Test
    void fillsInNamesAndLeavesTheRestAlone() {
        new Scaffold(folder.resolve("sdk")).create("explainer", "my-new-strategy", folder.resolve("out").toString(), null, null);
        assertThat(folder.resolve("out/src/main/java/com/example/explainer/mynewstrategy/MyNewStrategyExplainer.java")).hasContent(
                "package com.example.explainer.mynewstrategy;\nclass MyNewStrategyExplainer { String s = \"my-new-strategy ${other} $1\"; }");
        assertThat(folder.resolve("out/pom.xml")).hasContent("com.example:com.example.explainer.mynewstrategy:1.0.0 "
                + folder.resolve("sdk/repository").toUri().toString().replaceFirst("/$", "") + " ${wherefore.sdk}");
    }

    @Test
    void takesAGroupAndAPackage() {
        new Scaffold(folder.resolve("sdk")).create("explainer", "a", folder.resolve("out").toString(), "io.my-company", "io.mine.a");
        assertThat(folder.resolve("out/src/main/java/io/mine/a/AExplainer.java")).exists();
        assertThat(folder.resolve("out/pom.xml")).content().startsWith("io.my-company:io.mine.a:1.0.0 ");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"magic,a,-,-,a plugin is one of", "explainer,My Strategy,-,-,small letters and digits", "explainer,../a,-,-,small letters",
        "explainer,a,Com Example,-,--group is a Maven group", "explainer,a,-,org.wherefore.mine,a Java package of your own", "explainer,a,-,1.b,--package is a Java package"})
    void refusesWhatIsNoName(String kind, String name, String group, String packageName, String words) {
        assertThatThrownBy(() -> new Scaffold(folder.resolve("sdk")).create(kind, name, folder.resolve("out").toString(), group, packageName))
                .hasMessageContaining(words);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void overwritesNothing() throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve("out")).resolve("mine.txt"), "x");
        assertThatThrownBy(() -> new Scaffold(folder.resolve("sdk")).create("explainer", "a", folder.resolve("out").toString(), null, null))
                .hasMessageContaining("is there and not empty");
    }
}
