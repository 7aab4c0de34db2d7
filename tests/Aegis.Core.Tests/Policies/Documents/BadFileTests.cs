using Aegis.Docs.Tests;
using Aegis.Policies;

namespace Aegis.Core.Tests.Policies.Documents;

/// <summary>Every bad file is refused with the message beside it. <c>AEGIS_WRITE_GOLDEN=1</c> writes the messages anew, for a person to read.</summary>
public class BadFileTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Aegis.Core.Tests", "Policies", "Documents", "BadFiles");

    private static readonly string[] Names = [.. Directory.GetFiles(Folder).Select(static file => Path.GetFileName(file)).Where(static file => file.EndsWith(".json", StringComparison.Ordinal) || file.EndsWith(".yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Files => [.. Names];

    public static TheoryData<string> Pairs => [.. Names.Where(static file => file.EndsWith(".json", StringComparison.Ordinal) && Names.Contains(Path.ChangeExtension(file, ".yaml"))).Select(static file => Path.GetFileNameWithoutExtension(file)).Except(["empty"])];

    [Theory, MemberData(nameof(Files))]
    public void ABadFileIsRefusedWithPlaceCodeCulpritAndWayOut(string file)
    {
        var golden = Path.Combine(Folder, $"{file}.txt");
        var said = string.Concat(Errors(file).Select(static error => $"{error}\n")).Replace(Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("AEGIS_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(golden, said);
        }

        Assert.Equal(File.ReadAllText(golden), said);
        Assert.Matches(@"\A(?:\S+\.(?:json|yaml)(?::[1-9]\d*:[1-9]\d*)?: AEG1\d\d \$[^\n]*\n)+\z", said);
    }

    [Theory, MemberData(nameof(Pairs))]
    public void JsonAndYamlMakeTheSameMistakes(string name) => Assert.Equal(
        Errors($"{name}.json").Select(static error => (error.Code, error.Path, error.Message)),
        Errors($"{name}.yaml").Select(static error => (error.Code, error.Path, error.Message)));

    [Fact]
    public void ThereAreEnoughOfThem() => Assert.True(Files.Count >= 120, $"{Files.Count}");

    private static IReadOnlyList<PolicyError> Errors(string file)
    {
        var path = Path.Combine(Folder, file);
        return Assert.Throws<PolicyException>(() => AegisGuard.Create(AegisPolicy.Load(path))).Errors;
    }
}
