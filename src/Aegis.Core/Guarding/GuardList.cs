namespace Aegis.Guarding;

/// <summary>The guards, in order, by the kind of subject that they look at.</summary>
internal sealed class GuardList
{
    private readonly List<GuardStep> _input = [];
    private readonly List<GuardStep> _toolDefinition = [];
    private readonly List<GuardStep> _modelStep = [];
    private readonly List<GuardStep> _toolCall = [];
    private readonly List<GuardStep> _toolResult = [];
    private readonly List<GuardStep> _outputWindow = [];
    private readonly List<GuardStep> _modelOutput = [];

    /// <summary>Adds a guard wherever its kind of subject passes.</summary>
    public void Add(object guard, bool isForeign = false, bool isCustom = false)
    {
        var known = false;
        known |= Add<UserInput>(_input, guard, isForeign, isCustom);
        known |= Add<ToolDefinition>(_toolDefinition, guard, isForeign, isCustom);
        known |= Add<ModelStep>(_modelStep, guard, isForeign, isCustom);
        known |= Add<ToolCall>(_toolCall, guard, isForeign, isCustom);
        known |= Add<ToolResult>(_toolResult, guard, isForeign, isCustom);
        known |= Add<OutputWindow>(_outputWindow, guard, isForeign, isCustom);
        known |= Add<ModelOutput>(_modelOutput, guard, isForeign, isCustom);
        if (!known)
        {
            throw new ArgumentException($"'{guard.GetType().Name}' is not a guard. Implement IGuard<T> for a subject.", nameof(guard));
        }
    }

    public List<GuardStep> For(Subject subject) => subject switch
    {
        ToolCall => _toolCall,
        ToolResult => _toolResult,
        OutputWindow => _outputWindow,
        ModelOutput => _modelOutput,
        UserInput => _input,
        ModelStep => _modelStep,
        ToolDefinition => _toolDefinition,
        _ => throw new ArgumentException($"'{subject.GetType().Name}' is not a subject of Aegis.", nameof(subject)),
    };

    private static bool Add<T>(List<GuardStep> steps, object guard, bool isForeign, bool isCustom)
        where T : Subject
    {
        if (guard is not IGuard<T> typed)
        {
            return false;
        }

        steps.Add(new GuardStep<T>(typed, isForeign, isCustom));
        return true;
    }
}
