using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Scanning.Normalizing;
using Aegis.Scanning.Rules;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Rules;

public class PatternParserTests
{
    private static readonly Gen<string> Blank = Gen.OneOf(" ", @"\s", @"\n", @"\t");
    private static readonly Gen<string> Member = Gen.OneOf("a", "b", "c", "é", "1", "-", "_", "a-c", "0-7", @"\w", @"\d", @"\s", @"\W", @"\]", ".", " ", @"\n");
    private static readonly Gen<string> Atom = Gen.OneOf(
        Gen.OneOf("a", "b", "c", "1", "-", "_", "я", "日", ".", @"\.", @"\d", @"\w", @"\W", @"\D", @"\S", @"\b", "ab", "=", "#", "'"),
        Blank,
        Gen.Select(Gen.OneOf("[", "[^"), Member.Array[1, 3], (open, members) => $"{open}{string.Concat(members)}]").Where(IsClass));

    private static readonly Gen<string> Source = Gen.Recursive<string>((depth, self) => depth > 3 ? Atom : Gen.OneOf(
        Atom,
        Gen.Select(self, self, (a, b) => a + b),
        Gen.Select(self, self, (a, b) => $"({a}|{b})"),
        Gen.Select(self, Gen.OneOf("?", "{2}", "{0,2}", "{1,3}"), (a, repeat) => $"(?:{a}){repeat}"),
        Gen.Select(Gen.OneOf("a", "b", "[ab]", ".", @"\w", " ", @"\s"), Gen.OneOf("?", "*", "+"), (a, repeat) => a + repeat)));

    private static readonly Gen<string> Text = Gen.OneOf("a", "A", "b", "c", "ab", "1", "7", "-", "_", ".", " ", "  ", "\n", " \n", "é", "я", "日", "=", "#", "'", "\ud800", "😀", "\u200b").Array[0, 24].Select(string.Concat);

    [Fact]
    public void APatternFindsWhatTheOrdinaryEngineFindsOnTheSameText()
    {
        var (compared, refused) = (0, 0);
        Gen.Select(Source, Text.Array[4]).Sample((source, texts) =>
        {
            Pattern pattern;
            try
            {
                pattern = Pattern.Parse(source);
            }
            catch (PatternException)
            {
                Interlocked.Increment(ref refused);   // matches the empty text, is too long, repeats a boundary
                return;
            }

            var reference = new Regex(Reference(source), RegexOptions.CultureInvariant);
            foreach (var text in texts.Select(CanonicalText.Fold))
            {
                for (var from = 0; from < text.Length; from++)
                {
                    var match = reference.Match(text, from);
                    var found = pattern.Find(text, from);
                    Assert.True((found?.Start ?? -1) == (match.Success ? match.Index : -1), $"{source} on '{text}' from {from}: {found}, not {match.Index}+{match.Length}");
                    Assert.True(found is not var (start, length) || length == match.Length || Ends(source, text, start, start + length), $"{source} on '{text}' from {from}: {found} is no match");
                    Assert.True(found is null || found.Value.Length <= pattern.Span, $"{source} spans {found}, not {pattern.Span}");
                    Interlocked.Increment(ref compared);
                }
            }
        }, iter: 800);
        Assert.True(compared > 5_000 && refused < 640, $"{compared} compared, {refused} refused");
    }

    [Theory]
    [InlineData("Ignore", "please IGNORE it", 7, 6)]
    [InlineData("[A-F]{3}", "xx cab", 3, 3)]
    [InlineData("[a-z]+", "1m2", 1, 1)]
    [InlineData(@"[^a-y\s]", "abc z", 4, 1)]
    [InlineData("é", "cafe", 3, 1)]
    [InlineData("ﬁ{2}", "fifi", 0, 4)]
    [InlineData(@"a\s+b", "a\n b", 0, 3)]
    [InlineData(@"a\tb", "a b", 0, 3)]
    [InlineData(@"a\nb", "a b", -1, 0)]
    [InlineData("a.b", "a\nb", -1, 0)]
    [InlineData(@"\bcat\b", "concat cat", 7, 3)]
    [InlineData(@"\$\{x\}\\", @"${x}\", 0, 5)]
    [InlineData("(a|ab)(c|bcd)", "abcd", 0, 4)]
    [InlineData("😀{2}", "😀😀", 0, 4)]
    [InlineData("a?b", "a bb", 2, 1)]
    [InlineData("-?[0-9]", "- 12", 2, 1)]
    public void TheLanguageIsReadAsItLooks(string source, string text, int start, int length) =>
        Assert.Equal(start < 0 ? null : (start, length), Pattern.Parse(source).Find(CanonicalText.Fold(text)));

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("a{2,5}b?", 6)]
    [InlineData("(ab|c){3}", 6)]
    [InlineData(@"\ba\s+b\b", 3)]
    [InlineData("a*b", 257)]
    [InlineData("a+b+", 512)]
    [InlineData("[ab]{256}(c|dd){128}", 512)]
    public void TheSpanIsWhatAMatchHasAtMost(string source, int span) => Assert.Equal(span, Pattern.Parse(source).Span);

    [Theory]
    [InlineData("^a", 1, "anchors")]
    [InlineData("ab$", 3, "anchors")]
    [InlineData("a(?=b)", 4, "look-around")]
    [InlineData("(?<!a)b", 3, "look-around")]
    [InlineData("(?<n>a)", 3, "look-around")]
    [InlineData("(?i)a", 3, "options")]
    [InlineData(@"(a)\1", 5, @"'\1' is not of the language")]
    [InlineData(@"a\p{L}", 3, @"'\p' is not of the language")]
    [InlineData(@"a\", 3, "at the end")]
    [InlineData("a+?", 3, "lazy")]
    [InlineData("a++", 3, "possessive")]
    [InlineData("ab{2}{3}", 6, "a repeat cannot be repeated")]
    [InlineData("a{3,2}", 2, "n <= m")]
    [InlineData("a{257}", 2, "256")]
    [InlineData("a{0}", 2, "m from 1")]
    [InlineData("a{,3}", 3, "number is missing")]
    [InlineData("*a", 1, "repeats nothing")]
    [InlineData(@"a\b+", 4, "cannot be repeated")]
    [InlineData("(ab", 4, "')' is missing")]
    [InlineData("ab)", 3, "closes nothing")]
    [InlineData("a]", 2, "closes nothing")]
    [InlineData("x[ab", 2, "']' is missing")]
    [InlineData("[]a", 1, "empty class")]
    [InlineData("[[a]", 2, "inside a class")]
    [InlineData("[b-a]", 5, "later one")]
    [InlineData(@"[a-\d]", 6, "later one")]
    [InlineData("[ﬁ]", 2, "cannot stand in a class")]
    [InlineData("a\u200bb", 2, "invisible")]
    [InlineData("a*", 1, "empty text")]
    [InlineData("", 1, "empty text")]
    [InlineData("a|", 1, "empty text")]
    [InlineData(@"\b", 1, "empty text")]
    [InlineData("a{256}b{256}c", 1, "513 characters")]
    [InlineData("((a{256}){256}){256}", 1, "1000000 characters")]
    public void WhatIsNotOfTheLanguageIsRefusedWithItsPlace(string source, int position, string reason)
    {
        var message = Assert.Throws<PatternException>(() => Pattern.Parse(source)).Message;

        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"at character {position}: "), message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void DepthAndLengthAreBounded()
    {
        Pattern.Parse(Nested(31));
        Assert.Contains("at character 33: groups are nested deeper than 32", Assert.Throws<PatternException>(() => Pattern.Parse(Nested(32))).Message, StringComparison.Ordinal);
        Assert.Contains("4,096", Assert.Throws<PatternException>(() => Pattern.Parse(new('a', 4_097))).Message, StringComparison.Ordinal);

        static string Nested(int depth) => $"{new string('(', depth)}a{new string(')', depth)}";
    }

    [Fact]
    public void AnyTextIsAPatternOrRefused() => Gen.OneOf(Gen.String, Gen.String[@"\()[]{}?*+|^$.-,ab 01bsdw"]).Sample(source =>
    {
        try
        {
            Assert.InRange(Pattern.Parse(source).Span, 1, Pattern.MaxSpan);
        }
        catch (PatternException e)
        {
            Assert.StartsWith("at character ", e.Message, StringComparison.Ordinal);
        }
    }, iter: 5_000);

    /// <summary>The reference reads the same source; only what canonical text folds away is written as it stands there.</summary>
    private static string Reference(string source) => new StringBuilder(source).Replace(@"\t", " ").Replace("é", "e").ToString();

    /// <summary>Of several matches at one place the engines may prefer different ones.</summary>
    private static bool Ends(string source, string text, int start, int end) =>
        new Regex($@"\G(?:{Reference(source)})(?=(?s:.{{{text.Length - end}}})\z)").Match(text, start) is { Success: true } match && match.Index == start;

    private static bool IsClass(string source)
    {
        try
        {
            return new Regex(source) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
