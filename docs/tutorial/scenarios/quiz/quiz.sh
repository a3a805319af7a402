# A program that asks for a line, again and again.
while printf 'quiz> ' && read -r line; do
	case $line in
	bye) exit ;;
	think) (sleep 0.2; echo; echo 'I think so.') & ;;
	*) echo "You ask: $line" ;;
	esac
done
