namespace Aegis.Policies;

/// <summary>Where a judge is asked.</summary>
public enum JudgeScope
{
    /// <summary>What users and clients say.</summary>
    Input,

    /// <summary>Calls of tools.</summary>
    ToolCalls,

    /// <summary>What tools return.</summary>
    ToolResults,

    /// <summary>Finished answers. One that is streamed was shown by then, unless <see cref="OutputPolicy.Delivery"/> is <see cref="OutputDelivery.Buffered"/>.</summary>
    Output,
}
