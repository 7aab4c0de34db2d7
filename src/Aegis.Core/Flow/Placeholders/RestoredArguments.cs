using Aegis.Tools;
using Aegis.Tools.Arguments;

namespace Aegis.Flow.Placeholders;

/// <summary>Values in arguments in place of their placeholders, and the other way round.</summary>
internal static class RestoredArguments
{
    /// <summary>A call with the values that may stand in its arguments; it shows what it showed.</summary>
    public static ToolCall In(ToolCall call, SessionPlaceholders placeholders, RestoreRules granted)
    {
        var restored = ArgumentTexts.Rewrite(call.Arguments, (steps, text) => PlainText.HasMarkup(text) ? text
            : placeholders.Restored(text, (range, placeholder) => granted.Grants(steps, Placeholder.TypeOf(placeholder)) && !PlainText.IsInAddress(text, range)));
        return ReferenceEquals(restored, call.Arguments) ? call : call with { Arguments = restored, Shown = call.Arguments };
    }

    /// <summary>Arguments as a model may read them.</summary>
    public static ToolArguments Undone(ToolArguments arguments, SessionPlaceholders placeholders) => ArgumentTexts.Rewrite(arguments, (_, text) => placeholders.Replaced(text));
}
