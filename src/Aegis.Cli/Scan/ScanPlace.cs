using Aegis.Tools;

namespace Aegis.Cli.Scan;

/// <summary>Where a text is met, and as what the pipeline sees it there.</summary>
internal sealed record ScanPlace(string Name, Func<string, Subject> Of)
{
    /// <summary>The tool that is called, answers or is described.</summary>
    public const string Tool = "tool";

    /// <summary>Where texts are met unless said otherwise.</summary>
    public const string Default = "input";

    /// <summary>Where tools answer.</summary>
    public const string Result = "tool-result";

    /// <summary>Where the model answers: no rule reads there.</summary>
    public const string Answer = "output";

    private static readonly ScanPlace[] All =
    [
        new(Default, static text => new UserInput(text)),
        new(Result, static text => new ToolResult(Tool, text)),
        new("tool-description", static text => new ToolDefinition(Tool, text)),
        new("tool-arguments", static text => new ToolCall(Tool, ToolArguments.From([new("text", text)]))),
        new(Answer, static text => new OutputWindow(text)),
    ];

    public static IEnumerable<string> Names => All.Select(static place => place.Name);

    public static ScanPlace At(string name) => All.First(place => place.Name == name);
}
