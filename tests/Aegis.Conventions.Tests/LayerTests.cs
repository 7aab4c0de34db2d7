using System.Reflection;
using System.Text.RegularExpressions;

namespace Aegis.Conventions.Tests;

/// <summary>Who may use whom.</summary>
public partial class LayerTests
{
    private static readonly string Source = Path.Combine(Find(AppContext.BaseDirectory), "src");

    /// <summary>Folders of Core, and the namespaces of Core that their files may import. What is not listed is forbidden.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Answers"] = ["Aegis.Scanning.Normalizing", "Aegis.Tools"],
        ["Subjects"] = ["Aegis.Answers", "Aegis.Tools"],
        ["Verdicts"] = [],
        ["Sessions"] = ["Aegis.Answers", "Aegis.Events", "Aegis.Tools"],
        ["Events"] = ["Aegis.Tools"],
        ["Auditing"] = ["Aegis.Events", "Aegis.Integrity", "Aegis.Policies", "Aegis.Scanning.Normalizing"],
        ["Telemetry"] = ["Aegis.Auditing", "Aegis.Events"],
        ["Judging"] = ["Aegis.Policies", "Aegis.Scanning.Sensitive"],
        ["Integrity"] = [],
        ["Alerting"] = ["Aegis.Events", "Aegis.Guarding", "Aegis.Policies", "Aegis.Scanning.Normalizing", "Aegis.Tools.Arguments"],
        ["Media"] = ["Aegis.Policies", "Aegis.Tools"],
        ["Sandboxing"] = ["Aegis.Sandboxing"],
        ["Guarding"] = ["Aegis.Answers", "Aegis.Auditing", "Aegis.Events", "Aegis.Flow", "Aegis.Judging", "Aegis.Media", "Aegis.Policies", "Aegis.Replaying", "Aegis.Sandboxing", "Aegis.Telemetry", "Aegis.Tools"],
        ["Replaying"] = ["Aegis.Answers", "Aegis.Auditing", "Aegis.Events", "Aegis.Flow", "Aegis.Guarding", "Aegis.Policies", "Aegis.Tools"],
        ["Scanning"] = ["Aegis.Answers", "Aegis.Scanning", "Aegis.Flow", "Aegis.Policies", "Aegis.Tools"],
        ["Tools"] = ["Aegis.Scanning.Normalizing", "Aegis.Policies", "Aegis.Tools"],
        ["Flow"] = ["Aegis.Scanning.Normalizing", "Aegis.Flow", "Aegis.Policies", "Aegis.Tools"],
        ["Streaming"] = ["Aegis.Answers", "Aegis.Guarding", "Aegis.Scanning"],
        ["Policies"] = ["Aegis.Alerting", "Aegis.Answers", "Aegis.Auditing", "Aegis.Events", "Aegis.Flow", "Aegis.Integrity", "Aegis.Judging", "Aegis.Policies", "Aegis.Guarding", "Aegis.Media", "Aegis.Prompting", "Aegis.Sandboxing", "Aegis.Scanning", "Aegis.Tools"],
    };

    [Fact]
    public void TheFoldersOfCoreUseOnlyWhatTheyMay()
    {
        var wrong = from folder in Directory.GetDirectories(Path.Combine(Source, "Aegis.Core"))
                    let name = Path.GetFileName(folder)
                    where name is not ("bin" or "obj")
                    from file in Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
                    from Match import in Import().Matches(File.ReadAllText(file))
                    let target = import.Groups[1].Value
                    where !Arrows.TryGetValue(name, out var may) || !may.Any(allowed => target == allowed || target.StartsWith($"{allowed}.", StringComparison.Ordinal))
                    select $"{name}/{Path.GetFileName(file)} uses {target}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void CoreKnowsNoFramework() => Assert.DoesNotContain(References("Aegis.Core"), static name => name.StartsWith("Microsoft.Extensions.AI", StringComparison.Ordinal) || name.Contains("SemanticKernel", StringComparison.Ordinal) || name.StartsWith("OpenTelemetry", StringComparison.Ordinal) || name.StartsWith("Aegis.", StringComparison.Ordinal));

    [Fact]
    public void TheClassifierFromAFileKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.Onnx").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Fact]
    public void TheStoreInRedisKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.Redis").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Fact]
    public void WhatSendsAlertsKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.Alerting").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Fact]
    public void WhatSendsTelemetryKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.OpenTelemetry").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Fact]
    public void TheWebKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.AspNetCore").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Fact]
    public void TheAdapterKnowsOnlyCore() => Assert.Equal(["Aegis.Core"], References("Aegis.ExtensionsAI").Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)));

    [Theory]
    [InlineData("Aegis.SemanticKernel", "Microsoft.SemanticKernel.Core")]
    [InlineData("Aegis.AgentFramework", "Microsoft.Agents.AI")]
    public void AFrameworksProjectKnowsTheAdapterAndOnlyTheFrameworksAbstractions(string project, string whole)
    {
        Assert.Equal(["Aegis.Core", "Aegis.ExtensionsAI"], References(project).Where(static name => name.StartsWith("Aegis.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(whole, References(project));
        Assert.Contains(References(project), static name => name.EndsWith(".Abstractions", StringComparison.Ordinal));
    }

    [Fact]
    public void AFileHoldsOneTypeOfItsName()
    {
        var wrong = from file in Directory.GetFiles(Source, "*.cs", SearchOption.AllDirectories)
                    where !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                    let types = TopLevelType().Matches(File.ReadAllText(file)).Select(static match => match.Groups[1].Value).ToArray()
                    where types is not [var only] || Path.GetFileNameWithoutExtension(file).Split('{')[0] != only
                    select $"{Path.GetRelativePath(Source, file)}: {string.Join(", ", types)}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void GuardsRememberNothing()
    {
        var guards = typeof(AegisGuard).Assembly.GetTypes()
            .Where(static type => type.IsClass && !type.IsAbstract && type.GetInterfaces().Any(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IGuard<>)))
            .ToArray();
        Assert.NotEmpty(guards);
        Assert.All(guards, static guard => Assert.All(guard.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public), static field => Assert.True(field.IsInitOnly || IsConstructorParameter(field), field.Name)));
    }

    /// <summary>The compiler keeps them in fields that are not marked read-only; nothing in the sources assigns one.</summary>
    private static bool IsConstructorParameter(FieldInfo field) => field.Name.StartsWith('<') && field.Name.EndsWith(">P", StringComparison.Ordinal);

    private static string[] References(string assembly) => [.. Assembly.Load(assembly).GetReferencedAssemblies().Select(static name => name.Name!)];

    internal static string Find(string folder) => File.Exists(Path.Combine(folder, "Aegis.AI.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"^using (Aegis\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(?:public|internal) (?:(?:static|sealed|abstract|readonly|partial|unsafe|ref) )*(?:class|record struct|record|struct|interface|enum|delegate [\w<>]+) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
