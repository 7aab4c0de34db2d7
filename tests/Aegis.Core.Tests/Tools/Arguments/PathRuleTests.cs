using System.Text;
using Aegis.Policies;
using Aegis.Tools.Arguments;
using CsCheck;

namespace Aegis.Core.Tests.Tools.Arguments;

/// <summary>Promise P21, paths: rules see canonical paths, and a path that some reader takes for another one is judged as that one too.</summary>
public class PathRuleTests
{
    private const string Outside = "Block arguments/path";

    private static readonly ArgumentPolicy Data = new() { Path = new() { Under = ["/srv/data"], Deny = ["*.pem", "/srv/data/private", ".git"] } };
    private static readonly ArgumentPolicy Started = new() { Path = new() { Under = ["/srv/data"], Base = "/srv/data/inbox" } };
    private static readonly ArgumentPolicy Windows = new() { Path = new() { Under = [@"C:\data", @"\\files\team"], Deny = ["*.pem"] } };

    /// <summary>Honest paths.</summary>
    public static TheoryData<string> Inside =>
    [
        "/srv/data/a.txt", "/srv/data", "/srv/data/", "/srv//data///a.txt", "/srv/data/./a.txt", "/srv/data/sub/../a.txt", "/srv/data/a b.txt", "/srv/data/100%25.txt", "/srv/data/report%20final.txt",
        "/srv/data/100% sure.txt", "/srv/data/.hidden", "/srv/data/a..b", "/srv/data/..a", "/srv/data/naïve/日本語/ノート.txt", "/srv/data/😀.txt", "/srv/data/👩‍💻.txt", "/srv/data/2024-05-01T10:00:00.log", "/srv/data/$HOME.txt",
        "/srv/data/a~b", "/srv/other/../data/a", @"/srv/data/a\b", "/srv/data/x{y}.txt", "/srv/data/2024～2025.txt", "/srv/data/Foo$Bar.class",
    ];

    /// <summary>Spoofings.</summary>
    public static TheoryData<string> Spoofed =>
    [
        // climbing
        "/srv/data/../secret", "/srv/data/../../etc/passwd", "/srv/data/./../secret", "/srv/data//../secret", "/srv/data/a/../../secret", "/..", "/../srv/data/a", "/srv/data/a/../../../../../../etc/passwd", "/srv/data/..",

        // encoded
        "/srv/data/%2e%2e/secret", "/srv/data/%2E%2E/secret", "/srv/data/.%2e/secret", "/srv/data/..%2fsecret", "/srv/data/%2e%2e%2fsecret", "/srv/data/%252e%252e%252fsecret", "/srv/data/%25252e%25252e/secret",
        "/srv/data/%2525252e%2525252e/secret", "/srv/data/%25252525252e%25252525252e/secret", "/srv/data/..%5csecret", "/srv/data/..%255csecret", "/srv/data/%c0%ae%c0%ae/secret", "/srv/data/..%c0%afsecret", "/srv/data/%e0%80%ae%e0%80%ae/secret",
        "/srv/data/%u002e%u002e/secret", "/srv/data/..%u2215secret", "/srv/data/a%00.txt", "/srv/data/a%0a.txt", "/srv/data/%ff.txt", "/srv/data/a%2f..%2f..%2fsecret", "/srv/data/a%2fb/../../secret",

        // backslashes
        @"/srv/data/..\secret", @"/srv/data/..\..\etc\passwd", @"\srv\data\a", @"/srv\data/a", @"/srv/data/a\b/../../secret", @"/srv/data\..\secret", @"\\srv\data\a", @"\\server\share\a", "//server/share/a", @"\/srv/data/a",
        @"\\?\C:\data\a", "//?/C:/data/a", "//./C:/data/a", @"\\.\pipe\a",

        // drives, streams, devices, homes, variables, URLs
        @"C:\data\a", "C:/data/a", "c:a", "~/a", "~root/a", "~", "$HOME/a", "${HOME}/a", "%HOME%/a", "a.txt", "srv/data/a", "./a", "", "file:///srv/data/a", "file:/srv/data/a", "FILE:///etc/passwd", "file://localhost/srv/data/a", "https://srv/data/a", "data:,a", "smb://srv/data/a",

        // characters
        "/srv/data/\0", "/srv/data/a\0.txt", "/srv/data/a\n", "/srv/data/a\r\nb", "/srv/data/\u001b[0m", "/srv/data/a\u2028b", " /srv/data/a", "/srv/data/a ", "\t/srv/data/a", "/srv/data/.. /secret", "/srv/data/../ secret/..  /x", "/srv/data/.../secret", "/srv/data/a./b", "/srv/data/a.txt.", "/srv/data/. ./secret",
        "/srv/data/．．/secret", "/srv/data/..／secret", "/srv/data/..∕secret", "/srv/data/..⁄secret", "/srv/data/..＼secret", "/srv/data/..﹨secret", "/srv/data/‥/secret", "/srv/data/․․/secret", "/srv/data/％2e％2e/secret", "/srv/data/..⧸secret", "/srv/data/..¥secret", "/srv/data/.\u200b./secret", "/srv/data/\u2060../secret", "/srv/data/℀/x", "/srv/data/a\uFFFE", "/srv/data/a\uFDD0.txt", "/srv/data/%ef%bf%be",

        // neighbours
        "/srv/database/a", "/srv/data2", "/srv/dat", "/srv", "/", "/SRV/DATA/a", "/srv/Data/a", "/etc/passwd", "/srv/data\u0301/a",
    ];

    public static TheoryData<string> Denied =>
    [
        "/srv/data/key.pem", "/srv/data/KEY.PEM", "/srv/data/sub/key.pem", "/srv/data/key%2epem", "/srv/data/key.%70em", "/srv/data/%6b%65%79%2e%70%65%6d", "/srv/data/key.pem::$DATA", "/srv/data/key.pem:stream", "/srv/data/x/../key.pem", "/srv/data/keys.pem/a",
        "/srv/data/key.p\u200bem", "/srv/data/key.реm", "/srv/data/private", "/srv/data/private/a", "/srv/data/PRIVATE/a", "/srv/data/./private/a", "/srv/data/prıvate/a", "/srv/data/.git/config", "/srv/data/sub/.GIT/config", "/srv/data/.g\u200cit/config",
    ];

    [Theory, MemberData(nameof(Inside))]
    public void AnHonestPathPasses(string path) => Assert.Equal("passes", Judged.By(Data, path));

    [Theory, MemberData(nameof(Spoofed))]
    public void APathThatSomeReaderTakesOutsideIsRefused(string path) => Assert.Equal(Outside, Judged.By(Data, path));

    [Theory, MemberData(nameof(Denied))]
    public void ADeniedFileIsDeniedInEverySpelling(string path) => Assert.Equal(Outside, Judged.By(Data, path));

    [Theory]
    [InlineData("a.txt", "passes")]
    [InlineData("sub/../a.txt", "passes")]
    [InlineData("../a.txt", "passes")]
    [InlineData("../../secret", Outside)]
    [InlineData("..%2f..%2fsecret", Outside)]
    [InlineData(@"..\..\secret", Outside)]
    [InlineData(@"\etc\passwd", Outside)]
    [InlineData("%2fetc%2fpasswd", Outside)]
    [InlineData("~/a", Outside)]
    [InlineData("～/a", Outside)]
    [InlineData("$HOME/a", Outside)]
    [InlineData("${X}/a", Outside)]
    [InlineData("%APPDATA%/a", Outside)]
    [InlineData("file:a", Outside)]
    [InlineData("/srv/data/a", "passes")]
    [InlineData("/etc/passwd", Outside)]
    [InlineData(".", "passes")]
    public void ARelativePathStartsAtItsBase(string path, string expected) => Assert.Equal(expected, Judged.By(Started, path));

    [Theory]
    [InlineData(@"C:\data\a.txt", "passes")]
    [InlineData("c:/DATA/a.txt", "passes")]
    [InlineData(@"C:\data\sub\..\a.txt", "passes")]
    [InlineData(@"\\FILES\Team\a.txt", "passes")]
    [InlineData("//files/team/a.txt", "passes")]
    [InlineData(@"C:\data\..\secret", Outside)]
    [InlineData(@"C:\data\%2e%2e\secret", Outside)]
    [InlineData(@"C:data\a", Outside)]
    [InlineData(@"D:\data\a", Outside)]
    [InlineData(@"\data\a", Outside)]
    [InlineData("/data/a", Outside)]
    [InlineData(@"\\files\other\a", Outside)]
    [InlineData(@"\\files\team\..\..\other\x", Outside)]
    [InlineData(@"\\evil\team\a", Outside)]
    [InlineData(@"\\files", Outside)]
    [InlineData(@"\\?\C:\data\a", Outside)]
    [InlineData("//?/C:/data/a", Outside)]
    [InlineData(@"\\.\C:\data\a", Outside)]
    [InlineData(@"\\?\UNC\files\team\a", Outside)]
    [InlineData(@"\??\C:\data\a", Outside)]
    [InlineData(@"C:\data\a.txt:stream", Outside)]
    [InlineData(@"C:\data\key.pem::$DATA", Outside)]
    [InlineData(@"C:\data\KEY~1.PEM", Outside)]
    [InlineData(@"C:\data\con", Outside)]
    [InlineData(@"C:\data\NUL.txt", Outside)]
    [InlineData(@"C:\data\com1.log", Outside)]
    [InlineData(@"C:\data\a.", Outside)]
    [InlineData(@"C:\data\a \b", Outside)]
    [InlineData(@"C:\data\.. \secret", Outside)]
    [InlineData(@"C:\data\key.pem.", Outside)]
    [InlineData(@"C:\data\a?", Outside)]
    [InlineData(@"C:\data\key.PEM", Outside)]
    [InlineData("＼＼files＼team＼a", Outside)]
    public void PathsOfWindowsAreReadAsWindowsDoes(string path, string expected) => Assert.Equal(expected, Judged.By(Windows, path));

    [Fact]
    public void ThereAreEnoughOfThem() => Assert.True(Inside.Count + Spoofed.Count + Denied.Count >= 140, $"{Inside.Count + Spoofed.Count + Denied.Count}");

    [Fact]
    public void ADenialWithoutRootsWantsAnAbsolutePathAllTheSame()
    {
        var rule = new ArgumentPolicy { Path = new() { Deny = ["/etc"] } };
        Assert.Equal(["passes", "passes", Outside, Outside, Outside], new[] { "/srv/a", @"C:\a", "etc/passwd", "/etc/passwd", "/srv/../etc/passwd" }.Select(path => Judged.By(rule, path)));
    }

    [Fact]
    public void ALongPathIsRefused() => Assert.Equal(Outside, Judged.By(Data, "/srv/data/" + new string('a', CanonicalPath.MaxLength)));

    [Fact]
    public void ADeepPathIsRefused()
    {
        Assert.Equal("passes", Judged.By(Data, "/srv/data" + string.Concat(Enumerable.Repeat("/a", 126))));
        Assert.Equal(Outside, Judged.By(Data, "/srv/data" + string.Concat(Enumerable.Repeat("/a", 127))));
    }

    [Fact]
    public void WhatCannotBeReadIsRefusedEvenWhereAPersonWouldBeAsked()
    {
        var rule = Data with { Otherwise = Otherwise.Ask };
        Assert.Equal("Ask arguments/path", Judged.By(rule, "/etc/passwd"));
        Assert.Equal(Outside, Judged.By(rule, "/srv/data/\0"));
    }

    private static readonly string[] Parts = ["srv", "data", "etc", "a", ".", "..", "%2e%2e", "%2E.", "..%2f..", "%252e%252e", "a%2f..", "", " ", "a b", "~", "b:c", "%", "%41", "x\\..", "\\", "..\\..", "日本", "．．", "$X", "%5c", "private", "\u200b"];

    private static readonly Gen<string> Paths = Gen.Select(Gen.OneOf("/", "/srv/data/", "", "//", "\\", "/srv/data\\", "C:\\"), Gen.OneOf(Parts).Array[0, 7], Gen.OneOf("/", "//", "\\", "%2f"), static (start, parts, separator) => start + string.Join(separator, parts));

    [Fact]
    public void APathUnderARootIsUnderItForTheRuntimeToo() => Paths.Sample(static path =>
    {
        if (Judged.By(Data, path) == "passes")
        {
            AssertUnder("/srv/data", Path.GetFullPath(path));
            AssertUnder("/srv/data", Path.GetFullPath(Uri.UnescapeDataString(path)));
        }

        if (Judged.By(Started, path) == "passes")
        {
            AssertUnder("/srv/data", Path.GetFullPath(path, "/srv/data/inbox"));
            AssertUnder("/srv/data", Path.GetFullPath(path.Replace('\\', '/'), "/srv/data/inbox"));
        }
    }, iter: 3_000);

    [Fact]
    public void ACanonicalPathIsItsOwnCanonicalForm() => Paths.Sample(static path =>
    {
        var isWindows = CanonicalPath.LooksLikeWindows(path);
        if (CanonicalPath.Readings(path, isWindows, null, out var readings) is not null)
        {
            return;
        }

        // One that still has an escape or a backslash can be read further.
        foreach (var reading in readings.Select(static reading => reading.ToString()).Where(static reading => !reading.AsSpan().ContainsAny('%', '\\')))
        {
            Assert.Null(CanonicalPath.Readings(reading, isWindows, null, out var again));
            Assert.Equal(reading, Assert.Single(again).ToString());
        }
    }, iter: 20_000);

    [Fact]
    public void NoEncodingOfAPathOutsidePasses() => Gen.Select(Gen.OneOf("/etc/passwd", "/srv/data/../secret", "/srv/data/a/../../x", "/srv/database/x", "/srv/data/key.pem", "/srv/data/private/x"), Gen.Int[0, 3], Gen.Int[0, 1 << 20], Gen.Bool, Gen.Bool).Sample((path, layers, mask, upper, back) =>
    {
        for (var layer = 0; layer < layers; layer++)
        {
            var encoded = new StringBuilder();
            for (var i = 0; i < path.Length; i++)
            {
                encoded.Append((mask >> ((i + layer) % 20) & 1) == 1 || path[i] == '%' ? Encoded(path[i], upper) : path[i].ToString());
            }

            path = encoded.ToString();
        }

        Assert.StartsWith(Outside, Judged.By(Data, back ? path.Replace('/', '\\') : path), StringComparison.Ordinal);
    }, iter: 5_000);

    private static string Encoded(char c, bool upper) => upper ? $"%{(int)c:X2}" : $"%{(int)c:x2}";

    private static void AssertUnder(string root, string path) => Assert.True(path == root || path.StartsWith(root + "/", StringComparison.Ordinal), path);
}
