using System.Text.RegularExpressions;

namespace Aegis.Conventions.Tests;

/// <summary>Promise P31: what is signed is compared in fixed time, and in no other way.</summary>
public partial class IntegrityTests
{
    private static IEnumerable<string> Files =>
        Directory.GetFiles(Path.Combine(LayerTests.Find(AppContext.BaseDirectory), "src", "Aegis.Core", "Integrity"), "*.cs", SearchOption.AllDirectories);

    [Fact]
    public void TheFolderOfSignaturesComparesOnlyInFixedTime()
    {
        var wrong = from file in Files
                    from line in File.ReadLines(file).Select(static line => Comment().Replace(line, ""))
                    where Comparison().IsMatch(line)
                    select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(wrong);
        Assert.Equal(2, Files.Sum(static file => FixedTime().Count(File.ReadAllText(file))));
    }

    [Theory]
    [InlineData("if (code == other)")]
    [InlineData("return !code.SequenceEqual(other);")]
    [InlineData("string.Equals(a, b, StringComparison.Ordinal)")]
    [InlineData("code.Equals(other)")]
    [InlineData("a.CompareTo(b) is 0")]
    [InlineData("a.AsSpan().StartsWith(b)")]
    [InlineData("codes.Contains(code)")]
    public void TheTestKnowsTheOrdinaryWays(string line) => Assert.Matches(Comparison(), line);

    // Members of JSON that are left out are compared by their names; nothing else may ask a list whether it has something.
    [GeneratedRegex(@"==|!=|SequenceEqual|SequenceCompareTo|\bEquals\(|\bCompare(To|Ordinal)?\(|StartsWith|EndsWith|IndexOf\(code|StructuralComparisons|(?<!without)\.Contains\(")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"CryptographicOperations\.FixedTimeEquals\(")]
    private static partial Regex FixedTime();

    [GeneratedRegex("//.*$")]
    private static partial Regex Comment();
}
