using System.Text.Json;
using Aegis.Docs.Tests;
using Aegis.Scanning.Sensitive.Checks;
using CsCheck;

namespace Aegis.Core.Tests.Scanning.Sensitive.Checks;

/// <summary>Checksums and shapes against values that another implementation judged (<c>vectors.jsonl</c>).</summary>
public class ValueChecksTests
{
    private static readonly (string Check, string Value, bool IsValid)[] Vectors = [.. File.ReadLines(Path.Combine(Repository.Root, "tests/Aegis.Core.Tests/Scanning/Sensitive/Checks/vectors.jsonl")).Select(static line =>
    {
        using var row = JsonDocument.Parse(line);
        return (row.RootElement.GetProperty("check").GetString()!, row.RootElement.GetProperty("value").GetString()!.Replace("⟨⟩", "", StringComparison.Ordinal), row.RootElement.GetProperty("valid").GetBoolean());
    })];

    public static TheoryData<string> Checks => [.. Vectors.Select(static vector => vector.Check).Distinct()];

    [Theory, MemberData(nameof(Checks))]
    public void ACheckAcceptsWhatIsValidAndNothingElse(string check)
    {
        var accepts = ValueChecks.Named(check)!;
        Assert.Empty(Vectors.Where(vector => vector.Check == check && accepts(vector.Value) != vector.IsValid).Select(static vector => $"{vector.Value} is {(vector.IsValid ? "valid" : "not valid")}"));
    }

    [Theory, MemberData(nameof(Checks))]
    public void ACheckSurvivesAnyText(string check)
    {
        var accepts = ValueChecks.Named(check)!;
        string[] values = [.. Vectors.Where(vector => vector.Check == check).Select(static vector => vector.Value)];
        Gen.Select(Gen.Int[0, values.Length - 1].Select(i => values[i]), Gen.Int[0, 600], Gen.Char.Array[0, 40], Gen.OneOf(Gen.String, Gen.Char['0', '9'].Array[0, 600].Select(static digits => new string(digits)))).Sample((value, at, noise, other) =>
        {
            accepts(other);
            accepts(value.Insert(at % (value.Length + 1), new string(noise)));
            accepts(value.AsSpan(0, at % (value.Length + 1)));
        }, iter: 300);
    }

    [Fact]
    public void AnUnknownCheckIsRefused() => Assert.Throws<ArgumentException>(static () => ValueChecks.Named("luck"));
}
