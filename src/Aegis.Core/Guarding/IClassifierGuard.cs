namespace Aegis;

/// <summary>A guard that weighs what a classifier of the app answers.</summary>
internal interface IClassifierGuard : IGuard<UserInput>, IGuard<ToolDefinition>, IGuard<ToolResult>
{
    /// <summary>Its rule, as it was checked.</summary>
    string Rule { get; }

    /// <summary>Who is asked.</summary>
    ITextClassifier Classifier { get; }

    /// <summary>The same with another classifier in its place.</summary>
    IClassifierGuard With(ITextClassifier other);
}
