package runner

// EventKind says what an Event is about.
type EventKind int

// What is told to an observer.
const (
	RunBegun      EventKind = iota // Mask keeps the run's secrets out of what is shown of it
	LabOpening                     // the network is being made
	NodeBooting                    // Name is declared
	NodeProgress                   // Text is what Name waits for: "pulling alpine:3.20 1.2/3.4 MB"
	NodeReady                      // Name is up
	TerminalReady                  // Name has shown its first prompt
	ChapterBegun                   // Name is its id, Text its title
	StepBegun                      // Step is filled but for its results
	StepEnded                      // Step is whole, also after an error
	LabClosing                     // all is about to be removed
	Warned                         // Text is what somebody should know about Name, of Pos
	LabLeft                        // it could not be removed; Text says why
	LabKept                        // Name is the lab's id, Text are the names of its nodes, a line each
)

// Event is something that a person would like to see while a scenario runs.
type Event struct {
	Kind EventKind
	Name string
	Text string
	Pos  string
	Step *Step
	Mask func(string) string
}
